package org.ferrisdb.node.cli.data;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.client.Version;
import org.ferrisdb.client.WriteResult;
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

/** {@code ferris cas K OLD NEW}. */
@Command(
    name = "cas",
    mixinStandardHelpOptions = true,
    customSynopsis = {
      "ferris cas [OPTIONS] KEY OLD NEW",
      "       ferris cas [OPTIONS] --absent KEY NEW",
      "       ferris cas [OPTIONS] --if-version VERSION KEY NEW",
    },
    description = {
      "Replaces a value only if it is what you think it is.",
      "%nThis is compare and set: the comparison and the write are one step: of several that race, one wins. Exit status 0"
          + " if the new value was stored, 1 if something else was there (nothing is changed then)."
    },
    exitCodeList = {
      "0:the new value was stored",
      "1:something else was there; nothing is changed",
      ExitCode.USAGE_WORDS,
      ExitCode.UNAVAILABLE_WORDS,
      ExitCode.UNKNOWN_WORDS
    },
    footer = {
      "%nExamples:",
      "  ./ferris cas counter 41 42",
      "  ./ferris cas --absent lock/build \"$HOSTNAME\"",
      "  ./ferris cas --if-version 184467440737 city/paris 2113705",
    })
public final class CasCommand implements Callable<Integer> {
  private final CliContext context;

  @Mixin private final ConnectionOptions connection = new ConnectionOptions();
  @Mixin private final OutputOptions output = new OutputOptions();
  @Mixin private final KeyOptions keys = new KeyOptions();

  @Option(names = "--absent", description = "Store NEW only if the key has no value.")
  private boolean absent;

  @Option(
      names = "--if-version",
      paramLabel = "VERSION",
      description = "Store NEW only if the value has this version (as get -o json tells).")
  private @Nullable Long version;

  @Parameters(
      paramLabel = "KEY [OLD] NEW",
      hideParamSyntax = true,
      arity = "2..3",
      completionCandidates = KeyCandidates.class,
      description = "Key and values.")
  private List<String> words = List.of();

  /** Makes the command. */
  public CasCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    boolean byValue = !absent && version == null;
    if ((absent && version != null) || words.size() != (byValue ? 3 : 2)) {
      throw new CliException(
          ExitCode.USAGE,
          "needs KEY OLD NEW, or KEY NEW with one of --absent and --if-version",
          "see ./ferris help cas");
    }
    Bytes key = keys.key(words.getFirst());
    Bytes value = keys.bytes(words.getLast());
    try (Ferris ferris = Connections.open(context, connection)) {
      WriteResult result;
      if (absent) {
        result = ferris.putIfAbsent(key, value);
      } else if (version != null) {
        result = ferris.compareAndSet(key, new Version(version), value);
      } else {
        result = ferris.compareAndSet(key, keys.bytes(words.get(1)), value);
      }
      print(result);
      return result.applied() ? ExitCode.OK : ExitCode.NO;
    }
  }

  private void print(WriteResult result) {
    JsonObject json = new JsonObject();
    json.addProperty("applied", result.applied());
    String text =
        switch (result) {
          case WriteResult.Applied a -> {
            json.addProperty("version", a.version().value());
            yield "ok, version " + a.version();
          }
          case WriteResult.ConditionFailed f -> {
            Optional<Version> actual = f.actual();
            actual.ifPresent(v -> json.addProperty("actualVersion", v.value()));
            yield "not applied: the key has "
                + actual.map(v -> "another value, of version " + v).orElse("no value");
          }
        };
    if (output.json()) {
      OutputOptions.print(context, json);
    } else if (result.applied()) {
      context.out().println(text);
    } else {
      context.complain("cas", text);
    }
  }
}
