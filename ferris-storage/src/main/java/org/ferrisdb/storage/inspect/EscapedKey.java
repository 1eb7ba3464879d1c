package org.ferrisdb.storage.inspect;

/** Bytes as text that no terminal trips over. */
public final class EscapedKey {
  private static final int SHOWN_BYTES = 64;

  private EscapedKey() {}

  /**
   * Printable ASCII as it is, a backslash doubled, any other byte as {@code \xHH}; of more than 64
   * bytes the beginning, and how many follow.
   */
  public static String of(byte[] bytes) {
    return of(bytes, bytes.length);
  }

  /** The same of an array's beginning. */
  public static String of(byte[] bytes, int length) {
    StringBuilder text = new StringBuilder();
    int shown = Math.min(length, SHOWN_BYTES);
    for (int i = 0; i < shown; i++) {
      int b = bytes[i] & 0xFF;
      if (b == '\\') {
        text.append("\\\\");
      } else if (b >= ' ' && b < 0x7F) {
        text.append((char) b);
      } else {
        text.append("\\x").append(Character.forDigit(b >> 4, 16));
        text.append(Character.forDigit(b & 15, 16));
      }
    }
    return length > shown ? text + "...(+" + (length - shown) + " bytes)" : text.toString();
  }
}
