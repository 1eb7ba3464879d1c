package org.ferrisdb.storage;

/**
 * Walks live entries. Starts before the first one; not thread-safe; must be closed.
 *
 * <pre>{@code
 * try (EntryCursor c = engine.cursor(from, to, timestamp, Direction.FORWARD)) {
 *   while (c.next()) use(c.key(), c.value());
 * }
 * }</pre>
 */
public interface EntryCursor extends AutoCloseable {
  /**
   * Moves to the next entry; false at the end.
   *
   * @throws StorageException if a file can not be read, or is damaged. The cursor is of no use then
   *     but to be closed: it does not know what it has missed
   */
  boolean next();

  /** The current key; a copy the caller may keep. */
  byte[] key();

  /**
   * The current value; a copy the caller may keep.
   *
   * @throws StorageException if it lies apart, and can not be read or is damaged. The cursor is
   *     good for the next entry
   */
  byte[] value();

  /** The timestamp of the current version. */
  long timestamp();

  @Override
  void close();
}
