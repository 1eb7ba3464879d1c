package org.ferrisdb.node.cli.data;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.CliException;
import org.ferrisdb.node.cli.ConnectionOptions;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.node.cli.OutputOptions;
import org.ferrisdb.node.cli.transfer.Importer;
import org.ferrisdb.node.cli.transfer.Importer.ImportFailedException;
import org.ferrisdb.node.cli.transfer.LineReader;
import org.ferrisdb.node.cli.transfer.MalformedLineException;
import org.ferrisdb.node.cli.transfer.RecordFormat;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ferris import FILE}. */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    description = {
      "Stores every record of a file; the last line of a key wins.",
      "%nFormats: tsv is key TAB value, with tab, newline, carriage return and backslash written as"
          + " \\t \\n \\r \\\\ (and any byte as \\xHH); jsonl is {\"key\":\"...\",\"value\":\"...\"}"
          + " a line, or key_base64 and value_base64 for bytes that are not UTF-8; raw is key TAB"
          + " value without escapes. A line that is not a record ends the import with its number;"
          + " the lines before it are stored, and importing the mended file again is harmless.",
      "%nWrites are retried until --deadline (default here: 60 seconds each) and applied once, so"
          + " an import goes on when a node dies. An export of what was imported equals the file"
          + " sorted by LC_ALL=C sort, byte for byte (keys distinct, tsv without \\xHH)."
    },
    exitCodeList = {
      "0:every record is stored",
      ExitCode.USAGE_WORDS,
      "3:the cluster did not answer in time, or refused; some records are stored"
    },
    footer = {
      "%nExamples:",
      "  ./ferris import cities.tsv",
      "  ./ferris import --format jsonl - < cities.jsonl",
      "  Every package that apt knows, name TAB record:",
      "  apt-cache dumpavail | awk -v RS= '{ n = $2; gsub(/\\\\/, \"&&\");",
      "      gsub(/\\t/, \"\\\\t\"); gsub(/\\r/, \"\\\\r\"); gsub(/\\n/, \"\\\\n\");",
      "      print n \"\\t\" $0 }' | ./ferris import -",
    })
public final class ImportCommand implements Callable<Integer> {
  private static final Duration LONG_DEADLINE = Duration.ofSeconds(60);

  private final CliContext context;

  @Mixin private final ConnectionOptions connection = new ConnectionOptions();
  @Mixin private final OutputOptions output = new OutputOptions();

  @Parameters(paramLabel = "FILE", description = "The file; - is standard input.")
  private String file = "";

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "${COMPLETION-CANDIDATES}. Default: what the file's name ends with, else tsv.")
  private @Nullable RecordFormat format;

  @Option(
      names = "--in-flight",
      paramLabel = "N",
      description = "Writes under way at a time (default: ${DEFAULT-VALUE}).")
  private int inFlight = 512;

  /** Makes the command. */
  public ImportCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (inFlight < 1 || inFlight > 10_000) {
      throw new CliException(ExitCode.USAGE, "--in-flight must be 1 to 10000", "512 is plenty");
    }
    RecordFormat chosen = format != null ? format : RecordFormat.ofFileName(file);
    long size = file.equals(Inputs.STANDARD) ? -1 : Files.size(Path.of(file));
    Duration deadline = connection.deadlineOr(LONG_DEADLINE);
    long began = System.nanoTime();
    boolean bar = context.errIsTerminal() && !output.json();
    Importer.Result result;
    try (InputStream in = Inputs.open(context, file);
        Ferris ferris = Connections.open(context, connection, deadline);
        Progress progress =
            size < 0 ? Progress.ofRecords("import", bar) : Progress.ofBytes("import", size, bar)) {
      LineReader lines = new LineReader(in);
      Importer importer =
          new Importer(
              (key, value) -> ferris.async().put(Bytes.ofBytes(key), Bytes.ofBytes(value)),
              inFlight,
              16L << 20,
              records -> progress.to(size < 0 ? records : lines.bytesRead()));
      result = run(importer, lines, chosen);
    }
    print(result, Duration.ofNanos(System.nanoTime() - began));
    return ExitCode.OK;
  }

  private static Importer.Result run(Importer importer, LineReader lines, RecordFormat format)
      throws IOException, InterruptedException {
    try {
      return importer.run(lines, format);
    } catch (MalformedLineException e) {
      throw new CliException(
          ExitCode.USAGE, e.getMessage() + " (the lines before it are stored)", e.hint());
    } catch (ImportFailedException e) {
      throw new CliException(
          ExitCode.UNAVAILABLE,
          e.getMessage() + " (" + importer.acknowledged() + " records are stored)",
          "importing the file again is harmless");
    }
  }

  private void print(Importer.Result result, Duration time) {
    if (output.json()) {
      JsonObject json = new JsonObject();
      json.addProperty("records", result.records());
      json.addProperty("bytes", result.bytes());
      json.addProperty("seconds", time.toMillis() / 1e3);
      OutputOptions.print(context, json);
      return;
    }
    double seconds = Math.max(1e-3, time.toNanos() / 1e9);
    context
        .out()
        .println(
            String.format(
                Locale.ROOT,
                "imported %d records, %.1f MiB in %.1f s (%.0f records/s)",
                result.records(),
                result.bytes() / 1048576.0,
                seconds,
                result.records() / seconds));
  }
}
