package org.ferrisdb.node.cli.data;

import com.google.gson.JsonObject;
import java.util.concurrent.Callable;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.client.Version;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.ConnectionOptions;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.node.cli.KeyCandidates;
import org.ferrisdb.node.cli.OutputOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code ferris delete K}. */
@Command(
    name = "delete",
    mixinStandardHelpOptions = true,
    description = "Removes a key and its value. A key that has no value is no error.",
    exitCodeList = {
      "0:the key has no value any more",
      ExitCode.USAGE_WORDS,
      ExitCode.UNAVAILABLE_WORDS,
      ExitCode.UNKNOWN_WORDS
    },
    footer = {"%nExample:", "  ./ferris delete city/paris"})
public final class DeleteCommand implements Callable<Integer> {
  private final CliContext context;

  @Mixin private final ConnectionOptions connection = new ConnectionOptions();
  @Mixin private final OutputOptions output = new OutputOptions();
  @Mixin private final KeyOptions keys = new KeyOptions();

  @Parameters(
      paramLabel = "KEY",
      completionCandidates = KeyCandidates.class,
      description = "The key.")
  private String key = "";

  /** Makes the command. */
  public DeleteCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Bytes k = keys.key(key);
    try (Ferris ferris = Connections.open(context, connection)) {
      Version version = ferris.delete(k);
      if (output.json()) {
        JsonObject json = new JsonObject();
        json.addProperty("applied", true);
        json.addProperty("version", version.value());
        OutputOptions.print(context, json);
      } else {
        context.out().println("ok, version " + version);
      }
      return ExitCode.OK;
    }
  }
}
