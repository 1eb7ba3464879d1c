package org.ferrisdb.node.cli.storage;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.CliException;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.node.cli.OutputOptions;
import org.ferrisdb.storage.inspect.Verifier;
import org.ferrisdb.storage.io.DiskFileSystem;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code ferris verify DIR}. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Reads an engine's files and tells everything that is wrong.",
      "%nChecks every checksum, the order of all entries, index, filter and properties of each table"
          + " against its blocks, the manifest against the files, and that the WAL can be replayed."
          + " Of a node's or a cluster's directory every engine below it. It only reads, and works"
          + " beside a running node. A torn WAL and leftovers of a crash are notes, not problems."
    },
    exitCodeList = {"0:nothing is wrong", "1:something is", ExitCode.USAGE_WORDS},
    footer = {
      "%nExamples:",
      "  ./ferris verify state-000001",
      "  ./ferris verify ~/.ferris/local/n1/data",
    })
public final class VerifyCommand implements Callable<Integer> {
  private final CliContext context;

  @Mixin private final OutputOptions output = new OutputOptions();

  @Parameters(paramLabel = "DIR", description = "The directory of an engine, or one above.")
  private Path directory = Path.of("");

  /** Makes the command. */
  public VerifyCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    if (!Files.exists(directory)) {
      throw new NoSuchFileException(directory.toString());
    }
    if (!Files.isDirectory(directory)) {
      throw new CliException(
          ExitCode.USAGE,
          directory + " is a file",
          "verify takes the directory of an engine; ./ferris inspect looks at one file");
    }
    boolean one = Engines.isEngine(directory);
    List<Path> engines = one ? List.of(directory) : Engines.below(directory).engines();
    if (engines.isEmpty()) {
      throw new CliException(
          ExitCode.USAGE, directory + " is no engine's directory", "and there is none below it");
    }
    long problems = 0;
    JsonArray reports = new JsonArray();
    for (Path engine : engines) {
      Verifier.Report report =
          Verifier.verify(
              new DiskFileSystem(),
              engine,
              finding -> {
                if (!output.json()) {
                  context.out().println(engine + ": " + TextView.finding(finding));
                }
              });
      problems += report.problems();
      if (output.json()) {
        reports.add(json(engine, report));
      } else {
        context.out().println(engine + ": " + summary(report));
      }
    }
    if (output.json()) {
      JsonObject json = new JsonObject();
      json.addProperty("path", directory.toString());
      json.addProperty("problems", problems);
      json.add("engines", reports);
      OutputOptions.print(context, json);
    }
    return problems == 0 ? ExitCode.OK : ExitCode.NO;
  }

  private static String summary(Verifier.Report report) {
    return "%s; read %d tables with %d entries, %d value files, %d WAL files with %d records, %d bytes"
        .formatted(
            report.problems() == 0 ? "sound" : report.problems() + " problems",
            report.tables(),
            report.entries(),
            report.valueFiles(),
            report.walFiles(),
            report.walRecords(),
            report.bytes());
  }

  private static JsonObject json(Path engine, Verifier.Report report) {
    JsonObject json = new JsonObject();
    json.addProperty("path", engine.toString());
    json.addProperty("problems", report.problems());
    json.addProperty("tables", report.tables());
    json.addProperty("entries", report.entries());
    json.addProperty("valueFiles", report.valueFiles());
    json.addProperty("walFiles", report.walFiles());
    json.addProperty("walRecords", report.walRecords());
    json.addProperty("bytes", report.bytes());
    json.add("findings", JsonView.findings(report.findings()));
    return json;
  }
}
