package org.ferrisdb.storage.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All file access of the engine goes through this interface, so that tests can drop un-synced bytes
 * and directory entries, fail or shorten any write, flip bits and fill the disk.
 *
 * <p>Nothing is durable until synced: a file's bytes by {@link WritableFile#sync}, its name
 * (create, rename, delete, link) by {@link #syncDirectory} of the directory it is in.
 */
public interface FileSystem {
  /** Creates a new file for appending; fails if it exists. */
  WritableFile create(Path file) throws IOException;

  /** Opens an existing file for positional reads; safe for many threads. */
  ReadableFile open(Path file) throws IOException;

  /**
   * Takes a file, which is made if need be, for a lock. Nobody else gets it, in this process or
   * another, until it is closed or the process ends, however it ends.
   *
   * @return null if somebody has it
   */
  @Nullable Lock lock(Path file) throws IOException;

  /** Makes the directory and its parents. */
  void createDirectories(Path directory) throws IOException;

  /** The names in the directory, sorted. */
  List<String> list(Path directory) throws IOException;

  /** Whether the path exists. */
  boolean exists(Path path);

  /**
   * Gives {@code from}, a file or a directory, the name {@code to}, atomically; a file that has
   * that name is replaced, a directory must not be there.
   */
  void rename(Path from, Path to) throws IOException;

  /** Adds a second name for the file. */
  void link(Path existing, Path name) throws IOException;

  /** Deletes a file or an empty directory; fails if it does not exist. */
  void delete(Path path) throws IOException;

  /** Makes the bytes of a file durable that somebody else has written. */
  void syncFile(Path file) throws IOException;

  /** Makes the names in the directory durable. */
  void syncDirectory(Path directory) throws IOException;

  /** A file that is held as a lock. */
  interface Lock extends AutoCloseable {
    @Override
    void close() throws IOException;
  }

  /** A file being appended to. One thread at a time. */
  interface WritableFile extends AutoCloseable {
    /** Appends all remaining bytes. */
    void append(ByteBuffer bytes) throws IOException;

    /** Makes all appended bytes durable. */
    void sync() throws IOException;

    /** Bytes appended so far. */
    long size();

    @Override
    void close() throws IOException;
  }

  /** A file open for reads at any position; safe for many threads. */
  interface ReadableFile extends AutoCloseable {
    /** Reads until the buffer is full or the file ends; returns the bytes read (0 at the end). */
    int read(ByteBuffer into, long position) throws IOException;

    /** The file's length in bytes. */
    long size() throws IOException;

    @Override
    void close() throws IOException;
  }
}
