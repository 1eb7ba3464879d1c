package org.ferrisdb.node.cli;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import com.google.gson.JsonElement;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;

/** How a command prints. Mixed into every command that answers something. */
public final class OutputOptions {
  /** Forms of output. */
  public enum Form {
    /** For people. */
    text,
    /** For programs: one JSON document, or one a line for lists. */
    json
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORM",
      defaultValue = "text",
      description = "text (default) or json: one JSON document on standard output.")
  private Form form = Form.text;

  @Option(names = "--debug", description = "On an error also print the Java stack trace.")
  private boolean debug;

  /** Whether JSON is wanted. */
  public boolean json() {
    return form == Form.json;
  }

  /** Whether stack traces are wanted. */
  public boolean debug() {
    return debug;
  }

  /** Prints a JSON document on a line. */
  public static void print(CliContext context, JsonElement json) {
    context.out().println(json);
  }

  /** Columns of numbers; those stand to the right. */
  private static final Set<String> NUMBERS = Set.of("LEADS", "EPOCH", "COUNT", "OPS/S", "MAX ms");

  /** Prints a table without frame. */
  public static void table(CliContext context, List<String> header, List<List<String>> rows) {
    Column[] columns =
        header.stream()
            .map(h -> new Column().header(h).headerAlign(align(h)).dataAlign(align(h)))
            .toArray(Column[]::new);
    String[][] cells = rows.stream().map(r -> r.toArray(String[]::new)).toArray(String[][]::new);
    AsciiTable.builder()
        .border(AsciiTable.NO_BORDERS)
        .data(columns, cells)
        .asString()
        .lines()
        .map(l -> l.startsWith(" ") ? l.substring(1) : l)
        .map(String::stripTrailing)
        .forEach(context.out()::println);
  }

  private static HorizontalAlign align(String header) {
    boolean number = NUMBERS.contains(header) || header.matches("P[0-9.]+ ms");
    return number ? HorizontalAlign.RIGHT : HorizontalAlign.LEFT;
  }
}
