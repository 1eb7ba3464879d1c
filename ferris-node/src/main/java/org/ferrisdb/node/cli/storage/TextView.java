package org.ferrisdb.node.cli.storage;

import java.io.PrintStream;
import java.util.Map;
import org.ferrisdb.storage.inspect.Finding;
import org.ferrisdb.storage.inspect.Part;

/** One line a part, for people. */
final class TextView implements View {
  private static final String INDENT = "    ";

  private final PrintStream out;

  TextView(PrintStream out) {
    this.out = out;
  }

  @Override
  public void show(Part part) {
    out.println(line(part));
    for (Part inner : part.parts()) {
      if (!inner.kind().equals("content")) {
        out.println(INDENT + line(inner));
        inner.findings().forEach(f -> out.println(INDENT + INDENT + finding(f)));
      }
    }
    long left = part.number(Limited.LEFT_OUT, 0);
    if (left > 0) {
      out.println(INDENT + "... and " + left + " more; --limit 0 shows all");
    }
    part.findings().forEach(f -> out.println(INDENT + finding(f)));
  }

  @Override
  public void end(Map<String, Long> leftOut, boolean right) {
    leftOut.forEach((kind, count) ->
        out.println("... and " + count + " more " + kind + "s; --limit 0 shows all"));
  }

  /** A finding, with the word that says whether it matters. */
  static String finding(Finding finding) {
    return (finding.kind().harmless() ? "note: " : "WRONG: ") + finding;
  }

  /** What a part is, in a line. */
  static String line(Part part) {
    return switch (part.kind()) {
      case "file" -> file(part);
      case "header" -> place("header", part) + header(part);
      case "block" -> place("block " + part.number("ordinal", 0), part) + block(part);
      case "value" -> place("value " + part.number("ordinal", 0), part) + value(part);
      case "filter" ->
          place("filter", part)
              + (part.flag("checksumRight")
                  ? part.number("bits", 0) + " bits, " + part.number("probes", 0) + " probes"
                  : "can not be read");
      case "ranges" ->
          place("ranges", part)
              + (part.flag("checksumRight")
                  ? packing(part) + part.number("entries", 0) + " range tombstones"
                  : "can not be read");
      case "properties" ->
          place("properties", part)
              + (part.flag("checksumRight") ? properties(part) : "can not be read");
      case "index" ->
          place("index", part)
              + (part.flag("checksumRight")
                  ? packing(part) + part.number("entries", 0) + " entries"
                  : "can not be read");
      case "footer" -> place("footer", part) + footer(part);
      case "record" -> place("record", part) + record(part);
      case "gap" -> place("gap", part) + "no whole record";
      case "end" -> end(part);
      default -> item(part);
    };
  }

  private static String place(String what, Part part) {
    return "%-11s at %d, %d bytes: ".formatted(what, part.offset(), part.length());
  }

  private static String file(Part part) {
    String line = part.word("name") + ": " + part.word("type");
    if (part.number("bytes", -1) >= 0) {
      line += ", " + part.number("bytes", 0) + " bytes";
      line += counted(part, "blocks") + counted(part, "values");
    }
    if (!part.data("text").isEmpty()) {
      line += ", " + part.length() + " bytes: \"" + part.data("text") + '"';
    }
    return part.word("note").isEmpty() ? line : line + "; " + part.word("note");
  }

  private static String counted(Part part, String what) {
    return part.number(what, -1) < 0 ? "" : ", " + part.number(what, 0) + " " + what;
  }

  private static String value(Part part) {
    if (!part.flag("checksumRight")) {
      return "can not be read";
    }
    String bytes = part.number("rawBytes", 0) + " bytes";
    return part.word("compression").equals("none")
        ? bytes
        : part.word("compression") + " of " + bytes;
  }

  private static String header(Part part) {
    if (part.word("magic").isEmpty()) {
      return checksum(part);
    }
    return "%s version %d, number %d, previous %d, %s"
        .formatted(
            part.word("magic"),
            part.number("version", 0),
            part.number("number", 0),
            part.number("previous", 0),
            checksum(part));
  }

  private static String checksum(Part part) {
    return part.flag("checksumRight") ? "checksum right" : "CHECKSUM WRONG";
  }

  private static String packing(Part part) {
    return part.word("compression").equals("none")
        ? ""
        : "%s of %d, ".formatted(part.word("compression"), part.number("rawBytes", 0));
  }

  private static String block(Part part) {
    if (!part.flag("checksumRight")) {
      return "can not be read";
    }
    return "%s%d entries, %s @%d .. %s @%d"
        .formatted(
            packing(part),
            part.number("entries", 0),
            part.data("firstKey"),
            part.number("firstTimestamp", 0),
            part.data("lastKey"),
            part.number("lastTimestamp", 0));
  }

  private static String properties(Part part) {
    String values =
        part.number("valueFiles", 0) == 0
            ? ""
            : ", %d bytes of values in %d files"
                .formatted(part.number("valueBytesUsed", 0), part.number("valueFiles", 0));
    return "%d entries, %d tombstones, %d ranges, %d keys, timestamps %d to %d, %s to before %s"
            .formatted(
                part.number("entries", 0),
                part.number("tombstones", 0),
                part.number("ranges", 0),
                part.number("keys", 0),
                part.number("minTimestamp", 0),
                part.number("maxTimestamp", 0),
                part.data("smallest"),
                part.data("end"))
        + values;
  }

  private static String footer(Part part) {
    if (!part.flag("checksumRight")) {
      return "can not be read";
    }
    if (part.number("values", -1) >= 0) {
      return "index of %d values at %d, checksum right"
          .formatted(part.number("values", 0), part.number("indexOffset", 0));
    }
    boolean ranges = part.number("rangesLength", 0) > 0;
    return "index at %d, filter at %d, %sproperties at %d, checksum right"
        .formatted(
            part.number("indexOffset", 0),
            part.number("filterOffset", 0),
            ranges ? "ranges at %d, ".formatted(part.number("rangesOffset", 0)) : "no ranges, ",
            part.number("propertiesOffset", 0));
  }

  private static String record(Part part) {
    String line = part.word("type") + ", synced to " + part.number("syncedTo", 0);
    if (part.number("ops", -1) >= 0) {
      line += ", position %s, %d ops".formatted(position(part), part.number("ops", 0));
      line +=
          part.number("ranges", 0) == 0 ? "" : ", %d ranges".formatted(part.number("ranges", 0));
    }
    if (part.number("previousSyncedTo", -1) >= 0) {
      line += ", file before synced to " + part.number("previousSyncedTo", 0);
    }
    if (part.number("edit", -1) >= 0) {
      line +=
          ", edit %d: position %s, garbage floor %d, WAL from %d on, next file %d"
              .formatted(
                  part.number("edit", 0),
                  position(part),
                  part.number("garbageFloor", 0),
                  part.number("logNumber", 0),
                  part.number("nextFileNumber", 0));
    }
    return line;
  }

  /** Term and index in the replicated log. */
  static String position(Part part) {
    return part.number("term", 0) + ":" + part.number("index", 0);
  }

  private static String end(Part part) {
    return "%d records, %d bytes, %s"
        .formatted(
            part.number("records", 0),
            part.number("bytes", 0),
            part.flag("ended") ? "ended" : "not ended");
  }

  private static String item(Part part) {
    return switch (part.kind()) {
      case "entry", "op" -> entry(part);
      case "indexEntry" ->
          "block %d at %d, %d bytes, up to %s @%d"
              .formatted(
                  part.number("ordinal", 0),
                  part.number("blockOffset", 0),
                  part.number("blockLength", 0),
                  part.data("lastKey"),
                  part.number("lastTimestamp", 0));
      case "removed" ->
          "- level %d: table %d".formatted(part.number("level", 0), part.number("number", 0));
      case "added" -> "+ level %d: ".formatted(part.number("level", 0)) + table(part);
      case "table" -> table(part);
      case "range" ->
          "%s to before %s @%d  range tombstone"
              .formatted(part.data("from"), part.data("to"), part.number("timestamp", 0));
      default -> part.kind() + " " + part.word("name");
    };
  }

  private static String entry(Part part) {
    String line =
        "%s @%d  %s"
            .formatted(part.data("key"), part.number("timestamp", 0), part.word("entryKind"));
    if (!part.word("entryKind").equals("put")) {
      return line;
    }
    line += "  " + part.number("valueBytes", 0) + " bytes";
    return part.word("valueFile").isEmpty()
        ? line
        : line
            + ", value %d of %s".formatted(part.number("valueOrdinal", 0), part.word("valueFile"));
  }

  /** A table as a manifest knows it. */
  static String table(Part part) {
    String line =
        "%s  %d bytes, %s".formatted(part.word("name"), part.number("bytes", 0), properties(part));
    return part.number("boundedBytes", -1) < 0
        ? line
        : "%s; of it only %s to before %s, about %d bytes"
            .formatted(
                line,
                part.data("boundedFrom").isEmpty() ? "the first" : part.data("boundedFrom"),
                part.data("boundedTo").isEmpty() ? "the end" : part.data("boundedTo"),
                part.number("boundedBytes", 0));
  }
}
