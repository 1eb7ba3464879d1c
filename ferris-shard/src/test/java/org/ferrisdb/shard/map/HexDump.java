package org.ferrisdb.shard.map;

import java.util.HexFormat;

/** Bytes as golden tests write them: 16 in a line, with their offset. */
public final class HexDump {
  private HexDump() {}

  /** The dump, each line ended. */
  public static String of(byte[] bytes) {
    StringBuilder out = new StringBuilder();
    for (int at = 0; at < bytes.length; at += 16) {
      int end = Math.min(bytes.length, at + 16);
      out.append("%04x  ".formatted(at));
      out.append(HexFormat.ofDelimiter(" ").formatHex(bytes, at, end)).append("  ");
      while (out.length() - out.lastIndexOf("\n") < 56) {
        out.append(' ');
      }
      for (int i = at; i < end; i++) {
        char c = (char) (bytes[i] & 0xff);
        out.append(c > ' ' && c < 127 ? c : '.');
      }
      out.append('\n');
    }
    return out.toString();
  }
}
