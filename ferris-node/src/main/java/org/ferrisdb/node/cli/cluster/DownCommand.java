package org.ferrisdb.node.cli.cluster;

import com.google.gson.JsonObject;
import java.util.concurrent.Callable;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.node.cli.OutputOptions;
import org.ferrisdb.node.local.LocalCluster;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ferris down}: stops a local cluster. */
@Command(
    name = "down",
    mixinStandardHelpOptions = true,
    description = {
      "Stops the nodes of a local cluster.",
      "%nEach node hands its leaderships over and closes its files; one that has not ended after 20"
          + " seconds is killed. The data stays: ./ferris up finds it again."
    },
    exitCodeList = {
      "0:no node runs any more",
      "1:there is no local cluster, or its files can not be changed",
      ExitCode.USAGE_WORDS
    },
    footer = {
      "%nExamples:",
      "  ./ferris down",
      "  ./ferris down --delete     and the data with it",
    })
public final class DownCommand implements Callable<Integer> {
  private final CliContext context;

  @Mixin private final DirOption dir = new DirOption();
  @Mixin private final OutputOptions output = new OutputOptions();

  @Option(names = "--delete", description = "Delete the cluster's directory, with all data.")
  private boolean delete;

  /** Makes the command. */
  public DownCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    LocalCluster cluster = dir.open(context);
    try (AutoCloseable _ = LocalCluster.lock(cluster.spec().dir())) {
      int stopped = cluster.stopAll();
      if (delete) {
        cluster.delete();
      }
      if (output.json()) {
        JsonObject json = new JsonObject();
        json.addProperty("stopped", stopped);
        json.addProperty("deleted", delete);
        OutputOptions.print(context, json);
      } else {
        String what = stopped == 0 ? "Nothing was running" : "Stopped " + stopped;
        context
            .out()
            .println(
                what + (delete ? "; deleted " : "; the data stays in ") + cluster.spec().dir());
      }
      return ExitCode.OK;
    }
  }
}
