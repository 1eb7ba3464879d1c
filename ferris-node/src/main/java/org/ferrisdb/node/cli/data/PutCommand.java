package org.ferrisdb.node.cli.data;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.client.Version;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.CliException;
import org.ferrisdb.node.cli.ConnectionOptions;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.node.cli.KeyCandidates;
import org.ferrisdb.node.cli.OutputOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ferris put K V}. */
@Command(
    name = "put",
    mixinStandardHelpOptions = true,
    description = {
      "Stores a value under a key; what was there is replaced.",
      "%nPrints the version of the new value. When it returns, the value is on the disks of a"
          + " majority of the shard's replicas."
    },
    exitCodeList = {
      "0:stored, on the disks of a majority",
      ExitCode.USAGE_WORDS,
      ExitCode.UNAVAILABLE_WORDS,
      ExitCode.UNKNOWN_WORDS
    },
    footer = {
      "%nExamples:",
      "  ./ferris put city/paris 2102650",
      "  ./ferris put --file photo.jpg photos/1",
      "  date | ./ferris put --file - now",
      "  ./ferris put -e 'binary\\x00key' 'two\\nlines'",
    })
public final class PutCommand implements Callable<Integer> {
  private final CliContext context;

  @Mixin private final ConnectionOptions connection = new ConnectionOptions();
  @Mixin private final OutputOptions output = new OutputOptions();
  @Mixin private final KeyOptions keys = new KeyOptions();

  @Parameters(
      index = "0",
      paramLabel = "KEY",
      completionCandidates = KeyCandidates.class,
      description = "1 byte to 8 KiB.")
  private String key = "";

  @Parameters(index = "1", arity = "0..1", paramLabel = "VALUE", description = "Up to 1 MiB.")
  private @Nullable String value;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "Take the value from a file; - is standard input.")
  private @Nullable String file;

  /** Makes the command. */
  public PutCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    Bytes k = keys.key(key);
    Bytes v = value();
    try (Ferris ferris = Connections.open(context, connection)) {
      Version version = ferris.put(k, v);
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

  private Bytes value() throws IOException {
    if ((value == null) == (file == null)) {
      throw new CliException(
          ExitCode.USAGE, "needs either a VALUE or --file", "see ./ferris help put");
    }
    if (value != null) {
      return keys.bytes(value);
    }
    int limit = 1024 * 1024;
    try (InputStream in = Inputs.open(context, Objects.requireNonNull(file))) {
      byte[] bytes = in.readNBytes(limit + 1);
      if (bytes.length > limit) {
        throw new CliException(
            ExitCode.USAGE, "the value is longer than 1 MiB", "split it over several keys");
      }
      return Bytes.ofBytes(bytes);
    }
  }
}
