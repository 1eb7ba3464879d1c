package org.ferrisdb.benchmarks.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import org.ferrisdb.node.health.Health;
import org.ferrisdb.node.local.LocalCluster;
import org.ferrisdb.node.local.LocalClusterException;
import org.ferrisdb.node.local.LocalClusterSpec;
import org.ferrisdb.node.local.NodePorts;

/**
 * FerrisDB as {@code ./ferris up} starts it.
 *
 * @param shards of the new cluster
 * @param profile whether the nodes record where their CPU goes; they are then stopped gracefully,
 *     and leave {@code n1.jfr}, ... in the run's directory
 */
record FerrisContestant(int shards, boolean profile) implements Contestant {
  static final String NAME = "ferrisdb";

  private static final Duration HEALTHY = Duration.ofSeconds(90);

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String title() {
    return "FerrisDB";
  }

  @Override
  public String settings() {
    return (shards == 1 ? "1 shard" : shards + " shards")
        + (shards == LocalClusterSpec.defaultShards() ? ", as ./ferris up starts it" : "")
        + "; Raft logs fsynced on a majority before the answer;"
        + " reads strictly linearizable, at a timestamp, under the leader's lease";
  }

  @Override
  public Optional<String> missing() {
    return Optional.empty();
  }

  @Override
  public String storeFactory() {
    return FerrisStoreFactory.class.getName();
  }

  @Override
  public String driverClassPath() {
    return System.getProperty("java.class.path");
  }

  @Override
  public RunningCluster start(Path dir) {
    LocalClusterSpec spec =
        LocalClusterSpec.of(
                dir.resolve("cluster"), shards, NodePorts.free(SERVERS, new SplittableRandom()))
            .ownedByThisProcess();
    if (profile) {
      spec = spec.withJvmOptions(recording(dir));
    }
    LocalCluster cluster = LocalCluster.create(spec);
    try {
      cluster.startAll();
      Health health = cluster.awaitHealthy(HEALTHY);
      if (health.state() == Health.State.HEALTHY) {
        return new Running(cluster, profile);
      }
      cluster.killAll();
      throw new RaceException("FerrisDB is not healthy: " + health.sentence(), "see " + dir);
    } catch (LocalClusterException e) {
      cluster.killAll();
      throw new RaceException(String.valueOf(e.getMessage()), "see " + dir, e);
    }
  }

  /** %p is the process id: three nodes, three files. */
  private static List<String> recording(Path dir) {
    Path settings = dir.resolve("cpu.jfc");
    try (InputStream in = FerrisContestant.class.getResourceAsStream("cpu.jfc")) {
      Files.createDirectories(dir);
      Files.copy(Objects.requireNonNull(in, "cpu.jfc is missing from the jar"), settings);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new ArrayList<>(
        List.of(
            "-XX:StartFlightRecording:settings="
                + settings
                + ",dumponexit=true,filename="
                + dir.resolve("node-%p.jfr"),
            "-Xlog:jfr*=off"));
  }

  private record Running(LocalCluster cluster, boolean graceful) implements RunningCluster {
    @Override
    public List<String> endpoints() {
      return cluster.clientAddresses();
    }

    @Override
    public List<Long> pids() {
      return cluster.pids();
    }

    @Override
    public void close() {
      if (graceful) {
        cluster.stopAll();
      }
      cluster.killAll();
    }
  }
}
