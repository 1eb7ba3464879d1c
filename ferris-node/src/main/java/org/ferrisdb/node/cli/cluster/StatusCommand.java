package org.ferrisdb.node.cli.cluster;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.ferrisdb.node.cli.CliContext;
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
      "Tells how the cluster does: one sentence, then nodes, shards and leaders.",
      "%nEvery node is asked by itself, so this works with nodes down. The sentence begins with"
          + " HEALTHY, DEGRADED (all served, something missing), RECOVERING (a shard has no leader"
          + " yet), UNAVAILABLE (a shard has no quorum: it is named, with the remedy), NOT_FORMED"
          + " or UNREACHABLE. Exit status 0 if HEALTHY, else 1."
    },
    footer = {
      "%nExamples:",
      "  ./ferris status",
      "  ./ferris status -o json | jq .state",
      "  ./ferris status --url ferris://10.0.0.1:7001",
      "  ./ferris status --watch",
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

  @Option(names = "--watch", description = "Print the sentence whenever it changes, until ended.")
  private boolean watch;

  /** Makes the command. */
  public StatusCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    Duration patience = connection.deadline();
    ClusterProbe probe = new ClusterProbe(patience.compareTo(LONGEST) > 0 ? LONGEST : patience);
    List<String> addresses = addresses();
    ClusterPicture picture = probe.look(addresses);
    Health health = Health.of(picture);
    if (output.json()) {
      OutputOptions.print(context, HealthPrinter.json(picture, health));
    } else if (watch) {
      context.out().println(HealthPrinter.sentence(health, context.colours()));
    } else {
      HealthPrinter.print(context, picture, health);
    }
    while (watch && !context.out().checkError()) {
      Thread.sleep(500);
      picture = probe.look(addresses);
      Health now = Health.of(picture);
      if (!now.equals(health)) {
        health = now;
        if (output.json()) {
          OutputOptions.print(context, HealthPrinter.json(picture, health));
        } else {
          context.out().println(HealthPrinter.sentence(health, context.colours()));
        }
      }
    }
    return health.state() == State.HEALTHY ? ExitCode.OK : ExitCode.NO;
  }

  private List<String> addresses() {
    if (dir != null) {
      return LocalCluster.open(dir).map(LocalCluster::clientAddresses).orElse(List.of());
    }
    return connection.addresses(context);
  }
}
