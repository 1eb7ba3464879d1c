package org.ferrisdb.node.cli.cluster;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.ferrisdb.node.FerrisNode;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.CliException;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.node.config.ConfigKey;
import org.ferrisdb.node.config.ConfigReader;
import org.ferrisdb.node.config.NodeConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ferris node}: one node in the foreground. */
@Command(
    name = "node",
    mixinStandardHelpOptions = true,
    description = {
      "Runs one node in the foreground, until SIGTERM or Ctrl-C.",
      "%nSettings come from the file (lines key = value), from the environment (FERRIS_ and the key"
          + " in capitals, dots and dashes as underscores) and from --set; a later one wins. All"
          + " are printed at start; --settings lists them with what they mean.",
      "%nNodes that are to form a cluster name the same seeds in the same order."
    },
    exitCodeList = {
      "0:the node was told to stop, and did",
      "1:it could not start, or had to stop; its log says why",
      ExitCode.USAGE_WORDS
    },
    footer = {
      "%nExamples:",
      "  ./ferris node --settings",
      "  ./ferris node --config n1.conf",
      "  ./ferris node --set node.name=n1 --set data.dir=/var/lib/ferris \\",
      "      --set cluster.seeds=10.0.0.1:7001,10.0.0.2:7001,10.0.0.3:7001 \\",
      "      --set client.listen=10.0.0.1:7001 --set raft.listen=10.0.0.1:7101",
      "%nThere is no TLS and no authentication yet: listen on private addresses only.",
    })
public final class NodeCommand implements Callable<Integer> {
  private final CliContext context;

  @Option(names = "--config", paramLabel = "FILE", description = "The configuration file.")
  private @Nullable Path config;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "A setting; wins over file and environment. May be repeated.")
  private final Map<String, String> settings = new LinkedHashMap<>();

  @Option(names = "--settings", description = "List all settings and end.")
  private boolean list;

  @Option(
      names = "--owner-pid",
      hidden = true,
      description = "End at once when this process ends; for the nodes of demo and of tests.")
  private @Nullable Long ownerPid;

  /** Makes the command. */
  public NodeCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    if (list) {
      context.out().print(ConfigKey.table());
      return ExitCode.OK;
    }
    if (ownerPid != null) {
      followOwner(ownerPid);
    }
    NodeConfig read =
        ConfigReader.read(Optional.ofNullable(config), context.environment(), settings);
    return FerrisNode.run(read);
  }

  /** Whoever started this node for a moment must not leave it behind, not even by kill -9. */
  private static void followOwner(long pid) {
    ProcessHandle owner =
        ProcessHandle.of(pid)
            .orElseThrow(() ->
                new CliException(ExitCode.NO, "process " + pid + " has ended", "it owned me"));
    var _ = owner.onExit().thenRun(() -> Runtime.getRuntime().halt(ExitCode.NO));
  }
}
