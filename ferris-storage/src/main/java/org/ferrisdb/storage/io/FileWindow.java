package org.ferrisdb.storage.io;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Looks at any place of a file with a piece of it in memory, however long the file is. Its length
 * is that of the moment it was made. One thread.
 */
public final class FileWindow {
  private static final int WINDOW_BYTES = 256 << 10;

  private final FileSystem.ReadableFile file;
  private final String name;
  private final long length;
  private byte[] window = new byte[0];
  private long start;

  /** Looks at the file, which stays the caller's to close; the name goes into error messages. */
  public FileWindow(FileSystem.ReadableFile file, String name) throws IOException {
    this.file = file;
    this.name = name;
    this.length = file.size();
  }

  /** Bytes of the file. */
  public long length() {
    return length;
  }

  /** The byte at the offset, 0 to 255. */
  public int getByte(long offset) throws IOException {
    int at = locate(offset, 1);
    return window[at] & 0xFF;
  }

  /** The 32-bit integer at the offset. */
  public int getInt(long offset) throws IOException {
    int at = locate(offset, 4); // first: it may replace the window
    return Bytes.getInt(window, at);
  }

  /** The 64-bit integer at the offset. */
  public long getLong(long offset) throws IOException {
    int at = locate(offset, 8);
    return Bytes.getLong(window, at);
  }

  /** A copy of that many bytes. */
  public byte[] bytes(long offset, int count) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    if (offset < 0 || file.read(buffer, offset) != count) {
      throw new IOException(name + ": ends within the " + count + " bytes at offset " + offset);
    }
    return buffer.array();
  }

  /** Where in the window the bytes are, moving it there. */
  private int locate(long offset, int count) throws IOException {
    if (offset < start || offset + count > start + window.length) {
      if (offset < 0 || offset + count > length) {
        throw new IOException(name + ": ends within the " + count + " bytes at offset " + offset);
      }
      window = bytes(offset, (int) Math.min(WINDOW_BYTES, length - offset));
      start = offset;
    }
    return (int) (offset - start);
  }
}
