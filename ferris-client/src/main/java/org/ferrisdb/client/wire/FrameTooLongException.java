package org.ferrisdb.client.wire;

import java.io.IOException;

/**
 * An envelope was not sent because it is longer than the connection allows. Nothing was written.
 */
public final class FrameTooLongException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int length;
  private final int limit;

  FrameTooLongException(int length, int limit) {
    super("message of " + length + " bytes is over the frame limit of " + limit + " bytes");
    this.length = length;
    this.limit = limit;
  }

  /** Bytes of the refused envelope. */
  public int length() {
    return length;
  }

  /** Bytes allowed. */
  public int limit() {
    return limit;
  }
}
