package org.ferrisdb.storage.sstable;

import org.ferrisdb.storage.key.KeyRange;
import org.jspecify.annotations.Nullable;

/** A table that may or may not be open at the moment. Safe for many threads. */
public interface TableSource {
  /** All keys of the table are before this one; not to be changed. */
  byte[] end();

  /** The part of the table that counts; null if all of it does. */
  @Nullable KeyRange bounds();

  /** The open table; the caller releases it. */
  SSTableReader acquire();
}
