package org.ferrisdb.node.cli.load;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.CliException;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.node.cli.OutputOptions;
import org.ferrisdb.node.health.Health;
import org.ferrisdb.node.health.Health.State;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ferris gap}: how long a shard is out of service when its leader dies. */
@Command(
    name = "gap",
    hidden = true,
    mixinStandardHelpOptions = true,
    description = {
      "Measures the gap in service after a shard's leader is lost.",
      "%nStarts a cluster of its own. In every round 16 clients put to one shard, its leader is"
          + " killed (or paused, or cut off), and two times are taken: until the first put that was"
          + " sent after that is acknowledged, and the longest time that one client got no"
          + " acknowledgement. Then the fault is healed."
    },
    exitCodeList = {
      "0:measured, and service resumed each time",
      "1:it did not, or the cluster did not get healthy",
      ExitCode.USAGE_WORDS
    },
    footer = {
      "%nExamples:",
      "  ./ferris gap --rounds 10",
      "  ./ferris gap --rounds 10 --meta",
      "  ./ferris gap --fault cut-in"
    })
public final class GapCommand implements Callable<Integer> {
  private final CliContext context;

  @Mixin private final OutputOptions output = new OutputOptions();

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "How many leaders to lose (default: ${DEFAULT-VALUE}).")
  private int rounds = 10;

  @Option(
      names = "--fault",
      paramLabel = "F",
      description =
          "kill (-9), pause, cut (off from its peers, both ways), cut-in (it hears nothing of them),"
              + " cut-out (they hear nothing of it) (default: ${DEFAULT-VALUE}).")
  private GapFault fault = GapFault.KILL;

  @Option(names = "--meta", description = "Take a node that leads meta, too.")
  private boolean meta;

  @Option(
      names = "--clients",
      paramLabel = "N",
      description = "How many put at a time (default: ${DEFAULT-VALUE}).")
  private int clients = 16;

  @Option(
      names = "--shards",
      paramLabel = "N",
      description =
          "Default: 4; 8 with --meta, so that whoever leads meta leads some of them, too.")
  private @Nullable Integer shards;

  @Option(names = "--keep", description = "Keep the temporary directory (data and logs).")
  private boolean keep;

  /** Makes the command. */
  public GapCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    try (TemporaryCluster temporary = create()) {
      temporary.cluster().startAll();
      Health health = temporary.cluster().awaitHealthy(Duration.ofSeconds(90));
      if (health.state() != State.HEALTHY) {
        throw new CliException(ExitCode.NO, health.sentence(), health.remedy());
      }
      GapRounds runner = new GapRounds(temporary, fault, clients, meta);
      List<GapRounds.Round> done = new ArrayList<>();
      for (int i = 1; i <= rounds; i++) {
        GapRounds.Round round = runner.run();
        done.add(round);
        if (!output.json()) {
          context.out().println(String.format(Locale.ROOT, "%3d  %s", i, round.words()));
        }
      }
      print(done);
      return done.stream().allMatch(GapRounds.Round::resumed) ? ExitCode.OK : ExitCode.NO;
    }
  }

  private TemporaryCluster create() throws IOException {
    return fault.needsNetwork()
        ? TemporaryCluster.createWithNetwork("gap", 3, shards(), keep)
        : TemporaryCluster.create("gap", 3, shards(), keep);
  }

  /** Balanced leaderships differ by one at most, so nine groups leave three to each of three. */
  private int shards() {
    if (shards != null) {
      return shards;
    }
    return meta ? 8 : 4;
  }

  private void print(List<GapRounds.Round> done) {
    List<Long> first = new ArrayList<>(done.stream().map(r -> r.firstWrite().toMillis()).toList());
    List<Long> gap = new ArrayList<>(done.stream().map(r -> r.gap().toMillis()).toList());
    Collections.sort(first);
    Collections.sort(gap);
    if (output.json()) {
      JsonObject json = new JsonObject();
      json.addProperty("fault", fault.toString());
      json.addProperty("meta", meta);
      json.add("firstWriteMillis", array(first));
      json.add("gapMillis", array(gap));
      OutputOptions.print(context, json);
      return;
    }
    context.out().println("first new write acknowledged, ms: " + spread(first));
    context.out().println("longest gap of one client, ms:    " + spread(gap));
  }

  private static JsonArray array(List<Long> values) {
    JsonArray array = new JsonArray();
    values.forEach(array::add);
    return array;
  }

  private static String spread(List<Long> sorted) {
    return "min "
        + sorted.getFirst()
        + ", median "
        + sorted.get(sorted.size() / 2)
        + ", worst "
        + sorted.getLast();
  }
}
