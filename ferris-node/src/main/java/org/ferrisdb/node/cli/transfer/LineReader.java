package org.ferrisdb.node.cli.transfer;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Lines of bytes from a stream, with a limit to their length. For one thread. */
public final class LineReader implements Closeable {
  /** Longest line: a key and a value at their limits (8 KiB, 1 MiB), each byte written as \xHH. */
  public static final int MAX_LINE_BYTES = 4 * (1024 * 1024 + 8 * 1024) + 64;

  private final InputStream in;
  private final byte[] buffer = new byte[256 * 1024];
  private int position;
  private int limit;
  private long lines;
  private long bytes;

  /** Reads from a stream, which {@link #close} closes. */
  public LineReader(InputStream in) {
    this.in = in;
  }

  /** Number of the line that was read last, from 1. */
  public long number() {
    return lines;
  }

  /** Bytes taken from the stream so far, some of which may still wait in the buffer. */
  public long bytesRead() {
    return bytes;
  }

  /**
   * The next line without its newline, or null at the end. A last line needs no newline.
   *
   * @throws MalformedLineException if it is longer than {@link #MAX_LINE_BYTES}
   */
  public byte @Nullable [] next() throws IOException {
    @Nullable ByteArrayOutputStream longLine = null;
    while (true) {
      if (position == limit && !fill()) {
        if (longLine == null) {
          return null;
        }
        lines++;
        return longLine.toByteArray();
      }
      int end = position;
      while (end < limit && buffer[end] != '\n') {
        end++;
      }
      if (end < limit && longLine == null) {
        byte[] line = Arrays.copyOfRange(buffer, position, end);
        position = end + 1;
        lines++;
        return line;
      }
      longLine = longLine == null ? new ByteArrayOutputStream() : longLine;
      longLine.write(buffer, position, end - position);
      if (longLine.size() > MAX_LINE_BYTES) {
        throw new MalformedLineException(
            lines + 1,
            "longer than " + MAX_LINE_BYTES + " bytes",
            "a key holds at most 8 KiB and a value 1 MiB");
      }
      position = end < limit ? end + 1 : end;
      if (end < limit) {
        lines++;
        return longLine.toByteArray();
      }
    }
  }

  private boolean fill() throws IOException {
    position = 0;
    limit = Math.max(0, in.read(buffer));
    bytes += limit;
    return limit > 0;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
