package org.ferrisdb.node.cli.data;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.Entry;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.ConnectionOptions;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.node.cli.KeyCandidates;
import org.ferrisdb.node.cli.OutputOptions;
import org.ferrisdb.node.cli.transfer.Printable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ferris get K}. */
@Command(
    name = "get",
    mixinStandardHelpOptions = true,
    description = {
      "Prints the value of a key.",
      "%nThe read is linearizable: it sees every write that was acknowledged before it began. Exit"
          + " status 1 if the key has no value."
    },
    exitCodeList = {
      "0:printed",
      "1:the key has no value",
      ExitCode.USAGE_WORDS,
      ExitCode.UNAVAILABLE_WORDS
    },
    footer = {
      "%nExamples:",
      "  ./ferris get city/paris",
      "  ./ferris get --raw photos/1 > photo.jpg",
      "  ./ferris get city/paris -o json   and its version, for cas --if-version",
    })
public final class GetCommand implements Callable<Integer> {
  private final CliContext context;

  @Mixin private final ConnectionOptions connection = new ConnectionOptions();
  @Mixin private final OutputOptions output = new OutputOptions();
  @Mixin private final KeyOptions keys = new KeyOptions();

  @Parameters(
      paramLabel = "KEY",
      completionCandidates = KeyCandidates.class,
      description = "The key.")
  private String key = "";

  @Option(
      names = "--raw",
      description = "Print the bytes of the value and nothing else, no newline.")
  private boolean raw;

  /** Makes the command. */
  public GetCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    Bytes k = keys.key(key);
    try (Ferris ferris = Connections.open(context, connection)) {
      Optional<Entry> entry = ferris.get(k);
      if (output.json()) {
        JsonObject json = new JsonObject();
        Connections.addBytes(json, "key", k);
        json.addProperty("found", entry.isPresent());
        entry.ifPresent(e -> {
          Connections.addBytes(json, "value", e.value());
          json.addProperty("version", e.version().value());
        });
        OutputOptions.print(context, json);
      } else if (entry.isEmpty()) {
        context.complain("get", "key " + Printable.of(k.toByteArray()) + " has no value");
      } else {
        print(entry.get().value().toByteArray());
      }
      return entry.isPresent() ? ExitCode.OK : ExitCode.NO;
    }
  }

  private void print(byte[] value) throws IOException {
    if (raw) {
      context.out().write(value);
    } else if (keys.escaped() || context.outIsTerminal()) {
      context.out().println(Printable.of(value));
    } else {
      context.out().write(value);
      context.out().write('\n');
    }
  }
}
