package org.ferrisdb.node.cli.cluster;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.CliException;
import org.ferrisdb.node.cli.ConnectionOptions;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.node.cli.OutputOptions;
import org.ferrisdb.node.health.ClusterPicture;
import org.ferrisdb.node.health.ClusterProbe;
import org.ferrisdb.node.health.Health;
import org.ferrisdb.node.health.Health.State;
import org.ferrisdb.node.local.LocalCluster;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ferris status}: how the cluster does. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = {
      "Tells how the cluster does: a sentence, nodes, shards, leaders.",
      "%nEvery node is asked by itself, so this works with nodes down. The sentence begins with"
          + " HEALTHY, DEGRADED (all served, something missing), RECOVERING (a shard has no leader"
          + " yet), UNAVAILABLE (a shard has no quorum: it is named, with the remedy), NOT_FORMED"
          + " or UNREACHABLE.",
      "%nWith --watch it looks again and again: on a terminal the screen is redrawn until q or"
          + " Ctrl-C, elsewhere each look is printed below the one before (with -o json as a line"
          + " each). The exit status is then that of the last look."
    },
    exitCodeList = {"0:HEALTHY", "1:any other state", ExitCode.USAGE_WORDS},
    footer = {
      "%nExamples:",
      "  ./ferris status",
      "  ./ferris status -o json | jq .state",
      "  ./ferris status --url ferris://10.0.0.1:7001",
      "  ./ferris status --watch            the screen, redrawn every second; q ends",
      "  ./ferris status --watch 5 -o json   a line every five seconds",
    })
public final class StatusCommand implements Callable<Integer> {
  private static final Duration LONGEST = Duration.ofMillis(1_500);

  private final CliContext context;

  @Mixin private final ConnectionOptions connection = new ConnectionOptions();
  @Mixin private final OutputOptions output = new OutputOptions();

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "Take the addresses from the local cluster in this directory.")
  private @Nullable Path dir;

  @Option(
      names = "--watch",
      arity = "0..1",
      fallbackValue = "1",
      paramLabel = "SECONDS",
      description = "Look again every so many seconds (default: 1) until ended.")
  private @Nullable Double watchSeconds;

  /** Makes the command. */
  public StatusCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Duration interval = watchSeconds == null ? null : interval(watchSeconds);
    Duration patience = connection.deadline();
    List<String> addresses = addresses();
    ClusterProbe probe =
        new ClusterProbe(
            patience.compareTo(LONGEST) > 0 ? LONGEST : patience,
            connection.uri(context).network());
    StatusWatch watch = new StatusWatch(() -> probe.look(addresses), context.colours());
    State last;
    if (interval == null) {
      last = watch.once(printer());
    } else if (context.outIsTerminal() && !output.json()) {
      last = context.host().onTerminal(terminal -> watch.onScreen(terminal, interval));
    } else {
      last = watch.repeat(printer(), interval, context.out()::checkError);
    }
    return last == State.HEALTHY ? ExitCode.OK : ExitCode.NO;
  }

  private BiConsumer<ClusterPicture, Health> printer() {
    if (output.json()) {
      return (picture, health) -> OutputOptions.print(context, HealthPrinter.json(picture, health));
    }
    int width = context.columns();
    return (picture, health) ->
        HealthPrinter.lines(picture, health, context.colours(), width)
            .forEach(context.out()::println);
  }

  private static Duration interval(double seconds) {
    if (!(seconds >= 0.1 && seconds <= 3_600)) {
      throw new CliException(
          ExitCode.USAGE, "--watch must be 0.1 to 3600", "it is in seconds; 1 is the default");
    }
    return Duration.ofMillis(Math.round(seconds * 1_000));
  }

  private List<String> addresses() {
    if (dir != null) {
      return LocalCluster.open(dir).map(LocalCluster::clientAddresses).orElse(List.of());
    }
    return connection.addresses(context);
  }
}
