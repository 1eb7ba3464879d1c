package org.ferrisdb.node.cli.cluster;

import com.google.gson.JsonObject;
import java.util.concurrent.Callable;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.node.cli.NodeCandidates;
import org.ferrisdb.node.cli.OutputOptions;
import org.ferrisdb.node.local.LocalCluster;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code ferris kill NODE}: breaks things on purpose. */
@Command(
    name = "kill",
    mixinStandardHelpOptions = true,
    description = {
      "Kills a node of the local cluster with SIGKILL: no last words.",
      "%nThe others elect new leaders within about a second; no acknowledged write is lost."
    },
    exitCodeList = {
      "0:the node does not run any more",
      "1:there is no such node",
      ExitCode.USAGE_WORDS
    },
    footer = {
      "%nExamples:",
      "  ./ferris kill n1 && ./ferris status",
      "  ./ferris restart n1        brings it back",
    })
public final class KillCommand implements Callable<Integer> {
  private final CliContext context;

  @Mixin private final DirOption dir = new DirOption();
  @Mixin private final OutputOptions output = new OutputOptions();

  @Parameters(
      paramLabel = "NODE",
      completionCandidates = NodeCandidates.class,
      description = "n1, n2, ...")
  private String node = "";

  /** Makes the command. */
  public KillCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    LocalCluster cluster = dir.open(context);
    boolean ran = cluster.kill(node);
    if (output.json()) {
      JsonObject json = new JsonObject();
      json.addProperty("node", node);
      json.addProperty("killed", ran);
      OutputOptions.print(context, json);
    } else {
      context
          .out()
          .println(
              ran
                  ? "Killed "
                      + node
                      + "; "
                      + context.host().call()
                      + "restart "
                      + node
                      + " brings it back"
                  : node + " was not running");
    }
    return ExitCode.OK;
  }
}
