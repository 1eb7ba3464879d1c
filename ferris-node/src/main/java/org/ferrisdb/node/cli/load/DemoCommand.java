package org.ferrisdb.node.cli.load;

import java.util.concurrent.Callable;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.CliException;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.node.cli.OutputOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ferris demo}. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Shows a cluster survive the death of a node, and lose nothing.",
      "%nStarts three nodes in a temporary directory on free ports. 16 clients write keys that"
          + " nobody else writes, raise counters by compare-and-set and read them. Half way the"
          + " node that leads most shards is killed with kill -9, later it is started again. At"
          + " the end everything is read back: every acknowledged write must be there, with the"
          + " version that was acknowledged (a write applied twice would have a newer one).",
      "%nThe last lines tell how many writes were acknowledged, how many of them were lost (0),"
          + " and the gap: the longest time that one client got no answer. Exit status 0 only if"
          + " nothing was lost or applied twice and service resumed for every client."
    },
    exitCodeList = {
      "0:nothing was lost or applied twice, and service resumed for all",
      "1:something was, or the cluster did not get healthy",
      ExitCode.USAGE_WORDS
    },
    footer = {
      "%nExamples:",
      "  ./ferris demo",
      "  ./ferris demo --seconds 120 --clients 64",
      "  ./ferris demo -o json </dev/null",
    })
public final class DemoCommand implements Callable<Integer> {
  private final CliContext context;

  @Mixin private final OutputOptions output = new OutputOptions();

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "Length of the workload, 6 or more (default: ${DEFAULT-VALUE}).")
  private int seconds = 30;

  @Option(names = "--clients", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
  private int clients = 16;

  @Option(names = "--nodes", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
  private int nodes = 3;

  @Option(names = "--shards", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
  private int shards = 4;

  @Option(names = "--keep", description = "Keep the temporary directory (data and logs).")
  private boolean keep;

  /** Makes the command. */
  public DemoCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    if (seconds < 6 || clients < 1 || clients > 1_000 || nodes < 3) {
      throw new CliException(
          ExitCode.USAGE,
          "--seconds must be 6 or more, --clients 1 to 1000, --nodes 3 or more",
          "two nodes can not lose one");
    }
    try (TemporaryCluster temporary = TemporaryCluster.create("demo", nodes, shards, keep)) {
      Demo demo = new Demo(context, temporary.cluster(), seconds, clients, output.json());
      DemoResult result = demo.run();
      if (keep) {
        context.err().println("kept " + temporary.dir());
      }
      return result.passed() ? ExitCode.OK : ExitCode.NO;
    }
  }
}
