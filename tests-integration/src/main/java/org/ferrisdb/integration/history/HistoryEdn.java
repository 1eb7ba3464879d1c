package org.ferrisdb.integration.history;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A history as EDN, one map a line, as the checkers of Jepsen (Knossos, Elle, set-full, bank) read
/// it:
///
/// ```
/// {:index 0, :time 1234, :process 3, :type :invoke, :f :write, :key "k1", :value 5}
/// {:index 1, :time 2100, :process :nemesis, :type :info, :f :kill, :value "n2"}
/// {:index 2, :time 2200, :process 4, :type :invoke, :f :txn, :value [[:append "k" 7] [:r "k" nil]]}
/// ```
///
/// The same maps as the JSON lines, but for what those checkers want to be keywords and numbers:
/// `type`, `f`, the process of faults, the functions of a transaction's operations, the field names
/// of a transfer, and the names of bank accounts that are numbers. To judge registers with Knossos,
/// split by `:key`.
public final class HistoryEdn {
  private HistoryEdn() {}

  /// Writes a file; compressed if its name ends in `.gz`.
  public static void write(List<Event> events, Path file) throws IOException {
    try (Writer out = HistoryFile.writer(file)) {
      write(events, out);
    }
  }

  /// Appends the lines.
  public static void write(List<Event> events, Appendable out) throws IOException {
    for (Event event : events) {
      out.append(line(event)).append('\n');
    }
  }

  /// One event, without the end of the line.
  public static String line(Event event) {
    List<String> fields = new ArrayList<>();
    fields.add(":index " + event.index());
    fields.add(":time " + event.time());
    fields.add(
        ":process "
            + (Values.decimal(event.process()) == null
                ? keyword(event.process())
                : event.process()));
    fields.add(":type " + keyword(event.type().word()));
    fields.add(":f " + keyword(event.f()));
    if (event.key() != null) {
      fields.add(":key " + string(event.key()));
    }
    fields.add(":value " + value(event));
    event.extra().forEach((name, value) -> fields.add(keyword(name) + " " + plain(value)));
    return "{" + String.join(", ", fields) + "}";
  }

  private static String value(Event event) {
    return switch (event.f()) {
      case "txn" -> operations(event.value());
      case "transfer" -> map(event.value(), HistoryEdn::keyword);
      default -> plain(event.value());
    };
  }

  private static String operations(@Nullable Object value) {
    if (!(value instanceof List<?> list)) {
      return plain(value);
    }
    List<String> operations = new ArrayList<>();
    for (Object element : list) {
      if (element instanceof List<?> operation
          && !operation.isEmpty()
          && operation.getFirst() instanceof String function) {
        List<String> words = new ArrayList<>(List.of(keyword(function)));
        operation.stream().skip(1).map(HistoryEdn::plain).forEach(words::add);
        operations.add("[" + String.join(" ", words) + "]");
      } else {
        operations.add(plain(element));
      }
    }
    return "[" + String.join(" ", operations) + "]";
  }

  private static String plain(@Nullable Object value) {
    return switch (value) {
      case null -> "nil";
      case String s -> string(s);
      case List<?> list -> {
        StringBuilder text = new StringBuilder("[");
        for (Object element : list) {
          text.append(text.length() == 1 ? "" : " ").append(plain(element));
        }
        yield text.append(']').toString();
      }
      case Map<?, ?> map -> map(map, HistoryEdn::numberOrString);
      default -> value.toString(); // Long, Double, Boolean: the same words in EDN
    };
  }

  private interface Name {
    String of(String name);
  }

  private static String map(@Nullable Object value, Name name) {
    if (!(value instanceof Map<?, ?> map)) {
      return plain(value);
    }
    List<String> entries = new ArrayList<>();
    map.forEach((k, v) -> entries.add(name.of(String.valueOf(k)) + " " + plain(v)));
    return "{" + String.join(", ", entries) + "}";
  }

  private static String numberOrString(String name) {
    return Values.decimal(name) == null ? string(name) : name;
  }

  /// A keyword; what none may contain becomes a dash.
  private static String keyword(String word) {
    String safe = word.replaceAll("[^A-Za-z0-9.*+!_?$%&=<>-]", "-");
    return ":" + (safe.isEmpty() ? "-" : safe);
  }

  private static String string(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        case '\n' -> quoted.append("\\n");
        case '\r' -> quoted.append("\\r");
        case '\t' -> quoted.append("\\t");
        default -> {
          if (c < ' ') {
            quoted.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
          } else {
            quoted.append(c);
          }
        }
      }
    }
    return quoted.append('"').toString();
  }
}
