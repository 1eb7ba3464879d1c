package org.ferrisdb.node.cli.storage;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import org.ferrisdb.storage.inspect.Part;

/** The shape of an engine as text. */
final class EngineView {
  private final PrintStream out;
  private final long limit;

  /** A limit of 0 is none. */
  EngineView(PrintStream out, long limit) {
    this.out = out;
    this.limit = limit == 0 ? Long.MAX_VALUE : limit;
  }

  /** All of it. */
  void show(Path directory, Part engine) {
    out.println("engine in " + directory);
    if (engine.number("edits", -1) >= 0) {
      out.println(
          ("  %s, %d edits: position %s (term:index), garbage floor %d, WAL from %d on, next file"
                  + " %d")
              .formatted(
                  engine.word("manifest"),
                  engine.number("edits", 0),
                  TextView.position(engine),
                  engine.number("garbageFloor", 0),
                  engine.number("logNumber", 0),
                  engine.number("nextFileNumber", 0)));
    }
    engine.findings().forEach(f -> out.println("  " + TextView.finding(f)));
    if (engine.parts().stream().noneMatch(p -> p.kind().equals("level"))) {
      out.println("  no tables");
    }
    engine.parts().forEach(this::item);
  }

  private void item(Part part) {
    switch (part.kind()) {
      case "level" -> level(part);
      case "wal" -> {
        out.println(
            "  WAL %s  %d bytes, %d records, %s"
                .formatted(
                    part.word("name"),
                    part.number("bytes", 0),
                    part.number("records", 0),
                    part.flag("ended") ? "ended" : "not ended"));
        part.findings().forEach(f -> out.println("    " + TextView.finding(f)));
      }
      case "values" -> {
        out.println(
            "  values %s  %d bytes, in use %d of %d bytes of values"
                .formatted(
                    part.word("name"),
                    part.number("bytes", 0),
                    part.number("valueBytesUsed", 0),
                    part.number("valueBytes", 0)));
        part.findings().forEach(f -> out.println("    " + TextView.finding(f)));
      }
      case "leftover" -> part.findings().forEach(f -> out.println("  " + TextView.finding(f)));
      case "lock" ->
          out.println("  " + part.word("name") + "  held by whoever has the engine open");
      default -> out.println("  besides: " + part.word("name"));
    }
  }

  private void level(Part level) {
    out.println(
        "  level %d: %d tables, %d bytes, %d entries"
            .formatted(
                level.number("level", 0),
                level.number("tables", 0),
                level.number("bytes", 0),
                level.number("entries", 0)));
    long shown = 0;
    for (Part table : level.parts()) {
      if (shown++ < limit || !table.findings().isEmpty()) {
        out.println("    " + TextView.table(table));
        table.findings().forEach(f -> out.println("      " + TextView.finding(f)));
      }
    }
    if (shown > limit) {
      out.println("    ... and more, %d in all; --limit 0 shows all".formatted(shown));
    }
  }

  /** A line of it, for a list of engines. */
  static String summary(Part engine) {
    List<Part> levels = engine.parts().stream().filter(p -> p.kind().equals("level")).toList();
    long tables = levels.stream().mapToLong(l -> l.number("tables", 0)).sum();
    long bytes = levels.stream().mapToLong(l -> l.number("bytes", 0)).sum();
    long entries = levels.stream().mapToLong(l -> l.number("entries", 0)).sum();
    return "%d tables, %d bytes, %d entries, position %s"
        .formatted(tables, bytes, entries, TextView.position(engine));
  }
}
