package org.ferrisdb.node.cli.storage;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import org.ferrisdb.storage.inspect.Field;
import org.ferrisdb.storage.inspect.Part;

/** The bytes, eight a row, beside their meaning: offset, bytes, what they are, what they say. */
final class HexView implements View {
  private static final int ROW = 8;
  private static final HexFormat HEX = HexFormat.ofDelimiter(" ");

  private final PrintStream out;

  HexView(PrintStream out) {
    this.out = out;
  }

  @Override
  public void show(Part part) {
    out.println("-- " + TextView.line(part));
    boolean packed = part.parts().stream().anyMatch(Part::decompressed);
    if (packed) {
      part.fields().forEach(f -> field(f, false));
      out.println("   decompressed, " + part.number("rawBytes", 0) + " bytes:");
    }
    boolean inner = false;
    for (Part each : part.parts()) {
      inner |= !each.fields().isEmpty();
      if (!each.fields().isEmpty() && !each.kind().equals("content")) {
        out.println("   " + each.kind() + ": " + TextView.line(each));
      } else if (each.kind().equals("content") && part.parts().size() > 1) {
        out.println("   behind the entries:");
      }
      each.fields().forEach(f -> field(f, each.decompressed()));
    }
    long left = part.number(Limited.LEFT_OUT, 0);
    if (left > 0) {
      out.println("   ... and " + left + " more; --limit 0 shows all");
    }
    if (!packed) {
      if (inner && part.parts().size() > 1 && !part.fields().isEmpty()) {
        out.println("   behind the block:");
      }
      part.fields().forEach(f -> field(f, false));
    }
    part.findings().forEach(f -> out.println("   " + TextView.finding(f)));
    out.println();
  }

  private void field(Field field, boolean decompressed) {
    String mark = decompressed ? "+" : " ";
    byte[] bytes = field.bytes();
    for (int at = 0; at == 0 || at < bytes.length; at += ROW) {
      byte[] row = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + ROW));
      String meaning = at == 0 ? "%-16s %s".formatted(field.name(), field.meaning()) : "";
      out.println(
          "%s%08x  %-23s  %s"
              .formatted(mark, field.offset() + at, HEX.formatHex(row), meaning)
              .stripTrailing());
    }
    if (field.length() > bytes.length) {
      out.println("           ... and " + (field.length() - bytes.length) + " more bytes");
    }
  }

  @Override
  public void end(Map<String, Long> leftOut, boolean right) {
    new TextView(out).end(leftOut, right);
  }
}
