package org.ferrisdb.storage.wal;

import java.io.IOException;
import java.nio.file.Path;
import org.ferrisdb.storage.io.ByteSink;
import org.ferrisdb.storage.io.FileSystem;
import org.jspecify.annotations.Nullable;

/**
 * Appends records to a new file. {@link #add} only gathers; {@link #sync} writes what was gathered
 * in one piece and makes it durable, so that many batches share one disk flush; {@link #write} only
 * gives it to the operating system. After an IOException the tail of the file is unknown: the
 * writer must be closed and not used again.
 *
 * <p>One thread at a time.
 */
public final class RecordWriter implements AutoCloseable {
  private static final byte[] NOTHING = new byte[0];
  private static final int KEEP_BUFFER_BYTES = 1 << 20;

  private final FileSystem files;
  private final @Nullable Path directory;
  private final FileSystem.WritableFile file;
  private boolean nameIsDurable;
  private ByteSink gathered = new ByteSink(4 << 10);
  private long syncedTo;

  private RecordWriter(FileSystem files, Path path) throws IOException {
    this.files = files;
    this.directory = path.getParent();
    this.file = files.create(path);
  }

  /** Creates the file; its header and its name are durable with the first {@link #sync}. */
  public static RecordWriter begin(
      FileSystem files, Path path, String magic, long number, long previous) throws IOException {
    RecordWriter writer = new RecordWriter(files, path);
    try {
      RecordFormat.encodeHeader(writer.gathered, magic, number, previous);
      return writer;
    } catch (RuntimeException | Error e) {
      writer.closeQuietly();
      throw e;
    }
  }

  /** Creates the file with a durable header and a durable name. */
  public static RecordWriter create(
      FileSystem files, Path path, String magic, long number, long previous) throws IOException {
    RecordWriter writer = begin(files, path, magic, number, previous);
    try {
      writer.sync();
      return writer;
    } catch (IOException | RuntimeException | Error e) {
      writer.closeQuietly();
      throw e;
    }
  }

  /** Gathers one record; durable after {@link #sync}. */
  public void add(ByteSink payload) {
    RecordFormat.encodeRecord(
        gathered, RecordFormat.DATA, syncedTo, payload.array(), 0, payload.size());
  }

  /** Writes and syncs everything gathered. */
  public void sync() throws IOException {
    write();
    file.sync();
    if (!nameIsDurable) {
      if (directory != null) {
        files.syncDirectory(directory);
      }
      nameIsDurable = true;
    }
    syncedTo = file.size();
  }

  /**
   * Notes in the file, without waiting for the disk, that everything so far is durable. If the last
   * synced record rots later, this is how the reader knows that it is no torn tail.
   */
  public void mark() throws IOException {
    RecordFormat.encodeRecord(gathered, RecordFormat.MARK, syncedTo, NOTHING, 0, 0);
    write();
  }

  /**
   * Gathers the record that says up to where the file before this one is durable.
   *
   * @param durableTo bytes of it
   */
  public void link(long durableTo) {
    ByteSink payload = new ByteSink(RecordFormat.LINK_BYTES).putLong(durableTo);
    RecordFormat.encodeRecord(
        gathered, RecordFormat.LINK, syncedTo, payload.array(), 0, payload.size());
  }

  /** Bytes of the file that are durable. */
  public long syncedTo() {
    return syncedTo;
  }

  /** Writes the record that says that the file is complete, without waiting for the disk. */
  public void endUnsynced() throws IOException {
    RecordFormat.encodeRecord(gathered, RecordFormat.END, syncedTo, NOTHING, 0, 0);
    write();
  }

  /**
   * Writes and syncs the record that says that the file is complete. What was not synced is synced
   * before it: only an end that came later tells damage to it from a torn tail.
   */
  public void end() throws IOException {
    if (hasUnsynced()) {
      sync();
    }
    RecordFormat.encodeRecord(gathered, RecordFormat.END, syncedTo, NOTHING, 0, 0);
    sync();
  }

  /** Whether something was written that no sync has made durable yet. */
  public boolean hasUnsynced() {
    return file.size() > syncedTo;
  }

  /** Bytes of the file, gathered ones included. */
  public long size() {
    return file.size() + gathered.size();
  }

  /** Writes everything gathered, without waiting for the disk: it survives the process only. */
  public void write() throws IOException {
    if (gathered.size() == 0) {
      return;
    }
    file.append(gathered.toBuffer());
    if (gathered.array().length > KEEP_BUFFER_BYTES) {
      gathered = new ByteSink(4 << 10);
    } else {
      gathered.reset();
    }
  }

  /** Closes the file, without a sync. */
  @Override
  public void close() throws IOException {
    file.close();
  }

  /** Closes a file that is given up. */
  public void closeQuietly() {
    try {
      file.close();
    } catch (IOException e) {
      // The file is abandoned; its descriptor is all that could leak, and nobody could do better.
    }
  }
}
