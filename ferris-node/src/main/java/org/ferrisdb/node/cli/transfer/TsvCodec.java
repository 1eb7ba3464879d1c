package org.ferrisdb.node.cli.transfer;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A record as `key TAB value`. Stateless.
///
/// ```
///   +-----------+------+-------------+------+
///   | key, esc. | 0x09 | value, esc. | 0x0a |
///   +-----------+------+-------------+------+
///
///   byte      written as      with --ascii also
///   0x09 tab  \t              0x00-0x1f, 0x7f-0xff as \xHH (two lower-case digits)
///   0x0a LF   \n
///   0x0d CR   \r
///   0x5c \    \\
/// ```
///
/// Reading understands all of these, `\xHH` in either case and for any byte.
final class TsvCodec {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  private TsvCodec() {}

  /** Writes one line with its newline. */
  static void write(byte[] key, byte[] value, boolean ascii, OutputStream out) throws IOException {
    writeEscaped(key, ascii, out);
    out.write('\t');
    writeEscaped(value, ascii, out);
    out.write('\n');
  }

  static void writeEscaped(byte[] bytes, boolean ascii, OutputStream out) throws IOException {
    int plainFrom = 0;
    for (int i = 0; i < bytes.length; i++) {
      byte b = bytes[i];
      int letter =
          switch (b) {
            case '\t' -> 't';
            case '\n' -> 'n';
            case '\r' -> 'r';
            case '\\' -> '\\';
            default -> 0;
          };
      if (letter == 0 && !(ascii && (b < 0x20 || b == 0x7f))) {
        continue;
      }
      out.write(bytes, plainFrom, i - plainFrom);
      plainFrom = i + 1;
      out.write('\\');
      if (letter != 0) {
        out.write(letter);
      } else {
        out.write('x');
        out.write(HEX[(b >> 4) & 15]);
        out.write(HEX[b & 15]);
      }
    }
    out.write(bytes, plainFrom, bytes.length - plainFrom);
  }

  /**
   * Reads one line, given without its newline.
   *
   * @throws MalformedLineException if it is not a record
   */
  static KeyValue read(byte[] line, long number) throws MalformedLineException {
    int tab = tabOf(line, number);
    return new KeyValue(
        unescape(line, 0, tab, number), unescape(line, tab + 1, line.length, number));
  }

  /** Position of the tab that ends the key. */
  static int tabOf(byte[] line, long number) throws MalformedLineException {
    for (int i = 0; i < line.length; i++) {
      if (line[i] == '\t') {
        if (i == 0) {
          throw new MalformedLineException(
              number, "the key is empty", "a line is key, tab, value; keys have at least one byte");
        }
        return i;
      }
    }
    throw new MalformedLineException(
        number, "no tab between key and value", "a line is key, tab, value");
  }

  /** Bytes without a line around them. */
  static byte[] unescape(byte[] escaped) throws MalformedLineException {
    return unescape(escaped, 0, escaped.length, 1);
  }

  private static byte[] unescape(byte[] line, int from, int to, long number)
      throws MalformedLineException {
    byte[] out = new byte[to - from];
    int length = 0;
    int i = from;
    while (i < to) {
      byte b = line[i++];
      if (b == '\t') {
        throw new MalformedLineException(
            number, "a second tab", "write a tab inside a value as \\t, or use --format raw");
      }
      if (b == '\r') {
        throw new MalformedLineException(
            number,
            "a bare carriage return",
            "write it as \\r, or strip the carriage returns of a Windows file with tr -d '\\r'");
      }
      if (b != '\\') {
        out[length++] = b;
        continue;
      }
      byte letter = i < to ? line[i++] : 0;
      switch (letter) {
        case 't' -> out[length++] = '\t';
        case 'n' -> out[length++] = '\n';
        case 'r' -> out[length++] = '\r';
        case '\\' -> out[length++] = '\\';
        case 'x' -> {
          out[length++] = (byte) hexByte(line, i, to, number);
          i += 2;
        }
        default -> throw invalidEscape(number);
      }
    }
    return length == out.length ? out : Arrays.copyOf(out, length);
  }

  private static int hexByte(byte[] line, int at, int to, long number)
      throws MalformedLineException {
    if (at + 2 > to) {
      throw invalidEscape(number);
    }
    int high = Character.digit(line[at], 16);
    int low = Character.digit(line[at + 1], 16);
    if (high < 0 || low < 0) {
      throw invalidEscape(number);
    }
    return high << 4 | low;
  }

  private static MalformedLineException invalidEscape(long number) {
    return new MalformedLineException(
        number,
        "a backslash that begins none of \\t \\n \\r \\\\ \\xHH",
        "write a backslash itself as \\\\, or use --format raw");
  }
}
