package org.ferrisdb.shard.meta;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.ferrisdb.shard.ShardEnvironment;
import org.ferrisdb.shard.ShardException;
import org.ferrisdb.shard.ShardLimits;
import org.ferrisdb.shard.map.ShardMap;
import org.ferrisdb.shard.oracle.OracleOptions;
import org.ferrisdb.shard.testing.SimulatedGroup;
import org.ferrisdb.shard.testing.SimulatedOracle;
import org.ferrisdb.shard.testing.Simulation;
import org.ferrisdb.storage.Durability;
import org.ferrisdb.storage.StorageOptions;
import org.ferrisdb.storage.StorageResources;
import org.ferrisdb.storage.io.DiskFileSystem;

/** Three replicas of the meta group in a simulation, on real files. */
final class MetaCluster implements AutoCloseable {
  static final Duration LEASE = Duration.ofMillis(500);

  final Simulation sim = new Simulation();
  final SimulatedGroup group = new SimulatedGroup(sim, 3);
  private final ReplicatedMeta[] replicas = new ReplicatedMeta[3];
  private final StorageResources resources = new StorageResources(1 << 20, 1);
  private final Path root;
  private long pausedNanos;
  private int pauseAtRead;

  MetaCluster(Path root) {
    this.root = root;
  }

  /** All three opened, the first elected and ready. */
  static MetaCluster started(Path root) {
    MetaCluster cluster = new MetaCluster(root);
    for (int i = 0; i < 3; i++) {
      cluster.open(i);
    }
    cluster.electAndWait(0);
    return cluster;
  }

  /**
   * The process stands still for a second when it reads the wall clock for that many times more: a
   * long garbage collection, in the middle of what it is doing then.
   */
  void pauseAtRead(int read) {
    pauseAtRead = read;
  }

  private long readWall() {
    if (pauseAtRead > 0 && --pauseAtRead == 0) {
      pausedNanos += Duration.ofSeconds(1).toNanos();
    }
    return sim.wallMillis() + pausedNanos / 1_000_000;
  }

  ReplicatedMeta replica(int member) {
    return replicas[member];
  }

  /** Opens the member's replica on its directory, as a started process would. */
  ReplicatedMeta open(int member) {
    ShardEnvironment env =
        new ShardEnvironment(
            new DiskFileSystem(),
            StorageOptions.defaults(Durability.EXTERNAL_LOG),
            resources,
            new SimulatedOracle(sim),
            id -> null,
            () -> sim.nanoTime() + pausedNanos,
            this::readWall,
            sim,
            sim,
            sim,
            LEASE,
            ShardLimits.defaults());
    ReplicatedMeta replica = new ReplicatedMeta(directory(member), env, OracleOptions.defaults());
    replica.attach(group.member(member));
    replicas[member] = replica;
    group.open(member, replica);
    return replica;
  }

  Path directory(int member) {
    return root.resolve("meta-" + member);
  }

  /** The member's process dies: what was not flushed is lost to it. */
  void kill(int member) {
    group.member(member).crash();
    replicas[member].close();
  }

  void electAndWait(int member) {
    group.elect(member);
    sim.await(() -> replicas[member].serving(), Duration.ofSeconds(5));
  }

  ShardMap run(int member, MetaCommand command) {
    return sim.get(replicas[member].execute(command));
  }

  long draw(int member) {
    return sim.get(replicas[member].drawTimestamps(1));
  }

  /** What the future fails with. */
  ShardException failure(CompletableFuture<?> future) {
    try {
      throw new AssertionError("not failed: " + sim.get(future));
    } catch (CompletionException e) {
      if (e.getCause() instanceof ShardException s) {
        return s;
      }
      throw e;
    }
  }

  @Override
  public void close() {
    for (ReplicatedMeta replica : replicas) {
      if (replica != null) {
        replica.close();
      }
    }
    resources.close();
  }
}
