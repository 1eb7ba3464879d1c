package org.ferrisdb.client;

import java.util.Iterator;

/**
 * The entries of a scan, one by one, fetched page by page as they are consumed. Not thread-safe.
 * Closing it early stops the fetching; forgetting to close it costs nothing that lasts.
 *
 * @param <T> always {@link Entry} today
 */
public interface CloseableIterator<T> extends Iterator<T>, AutoCloseable {
  /** Where the scan stands: behind the last entry that {@code next} returned. */
  Cursor cursor();

  @Override
  void close();
}
