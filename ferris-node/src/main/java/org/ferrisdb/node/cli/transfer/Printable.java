package org.ferrisdb.node.cli.transfer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Keys and values in messages and tables: plain text as it is, anything that could confuse a
 * terminal escaped as in {@code tsv}. Stateless.
 */
public final class Printable {
  private Printable() {}

  /** The bytes as text without control characters. */
  public static String of(byte[] bytes) {
    String text = JsonLinesCodec.utf8OrNull(bytes);
    if (text != null && text.chars().noneMatch(c -> Character.isISOControl(c) || c == '\\')) {
      return text;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + 16);
    try {
      TsvCodec.writeEscaped(bytes, true, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString(StandardCharsets.US_ASCII);
  }

  /**
   * The bytes of a text that {@link #of} made, or that a person wrote with the escapes of {@code
   * tsv}.
   *
   * @throws IllegalArgumentException if a backslash begins no escape
   */
  public static byte[] parse(String text) {
    try {
      return TsvCodec.unescape(text.getBytes(StandardCharsets.UTF_8));
    } catch (MalformedLineException e) {
      throw new IllegalArgumentException(e.getMessage() + "; " + e.hint(), e);
    }
  }
}
