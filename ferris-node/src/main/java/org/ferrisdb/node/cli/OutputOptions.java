package org.ferrisdb.node.cli;

import com.google.gson.JsonElement;
import java.util.List;
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

  /** Prints a table without frame that fits the terminal, if there is one. */
  public static void table(CliContext context, List<String> header, List<List<String>> rows) {
    Tables.lines(header, rows, context.columns()).forEach(context.out()::println);
  }
}
