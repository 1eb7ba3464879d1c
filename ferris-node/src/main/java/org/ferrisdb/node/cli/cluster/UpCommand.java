package org.ferrisdb.node.cli.cluster;

import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.CliException;
import org.ferrisdb.node.cli.ConnectionOptions;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.node.cli.OutputOptions;
import org.ferrisdb.node.config.ConfigKey;
import org.ferrisdb.node.health.Health;
import org.ferrisdb.node.health.Health.State;
import org.ferrisdb.node.local.LocalCluster;
import org.ferrisdb.node.local.LocalClusterException;
import org.ferrisdb.node.local.LocalClusterSpec;
import org.ferrisdb.node.local.NodePorts;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ferris up}: a local cluster in the background. */
@Command(
    name = "up",
    mixinStandardHelpOptions = true,
    description = {
      "Starts a local cluster in the background and waits for it.",
      "%nNodes are called n1, n2, n3; their ports are 7001.. (clients), 7101.. (Raft) and 7201.."
          + " (web console, metrics, health), on 127.0.0.1 only. What runs already is left alone, so"
          + " the command can be repeated; data of an earlier time is found again, also after"
          + " kill -9 of everything. The nodes go on when the terminal is closed; ./ferris down"
          + " stops them."
    },
    exitCodeList = {
      "0:the cluster runs and is healthy",
      "1:it is not; the line before says why",
      ExitCode.USAGE_WORDS
    },
    footer = {
      "%nExamples:",
      "  ./ferris up",
      "  ./ferris up --nodes 5 --shards 16 --dir /var/tmp/five --port 8001",
      "  ./ferris up --dir /var/tmp/small --set memory.budget=128m",
      "%nFiles of n1: DIR/n1/data, DIR/n1/console.log, DIR/n1/node.conf, DIR/n1/pid.",
    })
public final class UpCommand implements Callable<Integer> {
  private final CliContext context;

  @Mixin private final DirOption dir = new DirOption();
  @Mixin private final OutputOptions output = new OutputOptions();

  @Option(names = "--nodes", paramLabel = "N", description = "Nodes, 1 to 9 (default: 3).")
  private @Nullable Integer nodes;

  @Option(
      names = "--shards",
      paramLabel = "N",
      description =
          "Shards of a new cluster, 1 to 256 (default: half as many as this machine has cores,"
              + " 1 to 4).")
  private @Nullable Integer shards;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Client port of n1; the others count from there (default: 7001).")
  private @Nullable Integer port;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "A setting of all nodes of a new cluster; see ./ferris help node.")
  private final Map<String, String> settings = new LinkedHashMap<>();

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "How long to wait for it to be healthy (default: ${DEFAULT-VALUE}).")
  private int timeoutSeconds = 60;

  /** Makes the command. */
  public UpCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    Path path = dir.path(context);
    try (AutoCloseable _ = LocalCluster.lock(path)) {
      Optional<LocalCluster> existing = LocalCluster.open(path);
      existing.ifPresent(this::checkSame);
      LocalCluster cluster = existing.orElseGet(() -> LocalCluster.create(newSpec(path)));
      int started = startAll(cluster, existing.isEmpty());
      Health health = cluster.awaitHealthy(Duration.ofSeconds(timeoutSeconds));
      print(cluster, health, started);
      return health.state() == State.HEALTHY ? ExitCode.OK : ExitCode.NO;
    }
  }

  private LocalClusterSpec newSpec(Path path) {
    for (String key : settings.keySet()) {
      if (ConfigKey.named(key).isEmpty()) {
        throw new CliException(
            ExitCode.USAGE, "there is no setting " + key, "see ./ferris help node");
      }
    }
    int base = port == null ? 7001 : port;
    int count = nodes == null ? 3 : nodes;
    if (base < 1024 || base > 65_000 || count < 1 || count > LocalClusterSpec.MAX_NODES) {
      throw new CliException(
          ExitCode.USAGE,
          "--port must be 1024 to 65000 and --nodes 1 to " + LocalClusterSpec.MAX_NODES,
          "the defaults are 7001 and 3");
    }
    int newShards = shards == null ? LocalClusterSpec.defaultShards() : shards;
    return LocalClusterSpec.of(path, newShards, NodePorts.from(base, count)).withSettings(settings);
  }

  /** What was asked for, if it was, must be what is there. */
  private void checkSame(LocalCluster cluster) {
    LocalClusterSpec spec = cluster.spec();
    boolean same =
        (nodes == null || nodes == spec.ports().size())
            && (shards == null || shards == spec.shards())
            && (port == null || port == spec.ports().getFirst().client())
            && (settings.isEmpty() || settings.equals(spec.settings()));
    if (!same) {
      throw new CliException(
          ExitCode.USAGE,
          "the cluster in "
              + spec.dir()
              + " was created with --nodes "
              + spec.ports().size()
              + " --shards "
              + spec.shards()
              + " --port "
              + spec.ports().getFirst().client()
              + settingsWords(spec),
          "leave these options out, use another --dir and --port, or delete it with ./ferris down"
              + " --delete");
    }
  }

  private static String settingsWords(LocalClusterSpec spec) {
    StringBuilder words = new StringBuilder();
    spec.settings().forEach((k, v) -> words.append(" --set ").append(k).append('=').append(v));
    return words.toString();
  }

  /** A cluster that could not even start for the first time leaves nothing behind. */
  private static int startAll(LocalCluster cluster, boolean created) {
    try {
      return cluster.startAll();
    } catch (LocalClusterException e) {
      if (created) {
        cluster.killAll();
        cluster.delete();
      }
      throw e;
    }
  }

  private void print(LocalCluster cluster, Health health, int started) {
    if (output.json()) {
      JsonObject json = new JsonObject();
      json.addProperty("state", health.state().name());
      json.addProperty("sentence", health.sentence());
      json.addProperty("remedy", health.remedy());
      json.addProperty("url", cluster.url());
      json.addProperty("console", console(cluster));
      json.addProperty("dir", cluster.spec().dir().toString());
      json.addProperty("started", started);
      OutputOptions.print(context, json);
      return;
    }
    context.out().println(HealthPrinter.sentence(health, context.colours()));
    context
        .out()
        .println(
            (started == 0 ? "Nothing to start" : "Started " + started)
                + "; data in "
                + cluster.spec().dir());
    context.out().println("Console: " + console(cluster));
    boolean isDefault = cluster.url().equals(ConnectionOptions.DEFAULT_URL);
    context
        .out()
        .println(
            isDefault
                ? "Next: ./ferris put city/paris 2102650, ./ferris get city/paris, ./ferris status"
                    .replace("./ferris ", context.host().call())
                : "Next: export FERRIS_URL=" + cluster.url());
  }

  /** Any node's shows the whole cluster; that of the first is the one that people remember. */
  private static String console(LocalCluster cluster) {
    return "http://127.0.0.1:" + cluster.spec().ports().getFirst().http() + "/";
  }
}
