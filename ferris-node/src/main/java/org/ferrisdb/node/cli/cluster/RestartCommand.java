package org.ferrisdb.node.cli.cluster;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.node.cli.NodeCandidates;
import org.ferrisdb.node.cli.OutputOptions;
import org.ferrisdb.node.health.Health;
import org.ferrisdb.node.health.Health.State;
import org.ferrisdb.node.local.LocalCluster;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ferris restart NODE}. */
@Command(
    name = "restart",
    mixinStandardHelpOptions = true,
    description = {
      "Restarts a node of the local cluster and waits for health.",
      "%nA node that is down is started. A running node hands its leaderships over first, so clients see latency and no errors."
    },
    exitCodeList = {
      "0:the node is back and the cluster healthy",
      "1:it is not, or there is no such node",
      ExitCode.USAGE_WORDS
    },
    footer = {
      "%nExamples:",
      "  ./ferris restart n1",
      "  ./ferris kill n1 && ./ferris restart n1",
    })
public final class RestartCommand implements Callable<Integer> {
  private final CliContext context;

  @Mixin private final DirOption dir = new DirOption();
  @Mixin private final OutputOptions output = new OutputOptions();

  @Parameters(
      paramLabel = "NODE",
      completionCandidates = NodeCandidates.class,
      description = "n1, n2, ...")
  private String node = "";

  @Option(
      names = "--wipe",
      description = "Empty its disk in between: it comes back as a new node under the old name.")
  private boolean wipe;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "How long to wait for health (default: ${DEFAULT-VALUE}).")
  private int timeoutSeconds = 30;

  /** Makes the command. */
  public RestartCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    LocalCluster cluster = dir.open(context);
    try (AutoCloseable _ = LocalCluster.lock(cluster.spec().dir())) {
      if (wipe) {
        cluster.node(node).stop(Duration.ofSeconds(20));
        cluster.wipe(node);
      }
      cluster.restart(node);
      Health health = awaitHealth(cluster);
      if (output.json()) {
        JsonObject json = new JsonObject();
        json.addProperty("node", node);
        json.addProperty("state", health.state().name());
        json.addProperty("sentence", health.sentence());
        OutputOptions.print(context, json);
      } else {
        context.out().println(HealthPrinter.sentence(health, context.colours()));
      }
      return health.state() == State.HEALTHY ? ExitCode.OK : ExitCode.NO;
    }
  }

  /** With other nodes down on purpose nobody waits for what can not come. */
  private Health awaitHealth(LocalCluster cluster) {
    boolean allRun = cluster.nodes().stream().allMatch(n -> n.isRunning());
    return allRun
        ? cluster.awaitHealthy(Duration.ofSeconds(timeoutSeconds))
        : cluster.awaitAnswer(node, Duration.ofSeconds(timeoutSeconds));
  }
}
