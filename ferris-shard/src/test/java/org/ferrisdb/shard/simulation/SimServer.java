package org.ferrisdb.shard.simulation;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.ferrisdb.shard.ShardEnvironment;
import org.ferrisdb.shard.ShardException;
import org.ferrisdb.shard.ShardException.Reason;
import org.ferrisdb.shard.ShardLimits;
import org.ferrisdb.shard.ShardReplica;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.meta.MetaReplica;
import org.ferrisdb.shard.oracle.BatchingTimestampSource;
import org.ferrisdb.storage.Durability;
import org.ferrisdb.storage.StorageOptions;
import org.ferrisdb.storage.StorageResources;
import org.ferrisdb.storage.memtable.MemtableKind;
import org.jspecify.annotations.Nullable;

/**
 * What a node's process consists of, wired as the node wires it: a replica of the shard, a replica
 * of meta with the oracle, and the one source of timestamps that asks whoever leads meta. All of it
 * is the code under test; only Raft, disk, clocks and the way between are simulated.
 */
final class SimServer {
  private static final ShardId SHARD = new ShardId(1);

  private final SimCluster cluster;
  private final World world;
  final SimNode node;
  private @Nullable ShardReplica shard;
  private @Nullable MetaReplica meta;
  private @Nullable BatchingTimestampSource timestamps;
  private int guess;

  SimServer(SimCluster cluster, SimNode node) {
    this.cluster = cluster;
    this.world = cluster.world;
    this.node = node;
    this.guess = node.id;
    node.onDiskCrash(() -> die("its disk lost power"));
  }

  ShardReplica shard() {
    return Objects.requireNonNull(shard);
  }

  // ---- life -------------------------------------------------------------------------------------

  void start() {
    node.start();
    node.say("starts");
    SimNode before = world.running(node);
    try {
      ShardEnvironment environment = environment();
      ShardReplica newShard = new ShardReplica(SHARD, Path.of("/shard"), environment);
      newShard.attach(cluster.shard.member(node.id));
      shard = newShard;
      MetaReplica newMeta = MetaReplica.create(Path.of("/meta"), environment);
      newMeta.attach(cluster.meta.member(node.id));
      meta = newMeta;
      cluster.shard.member(node.id).open(newShard);
      cluster.meta.member(node.id).open(newMeta);
    } catch (RuntimeException e) {
      if (!node.files.crashed()) {
        world.violation("node %d can not start: %s", node.id, Failures.text(e));
      }
    } finally {
      world.running(before);
    }
    if (node.files.crashed()) {
      die("its disk lost power while it started");
    }
  }

  void die(String why) {
    node.say("DIES: %s", why);
    cluster.shard.member(node.id).die();
    cluster.meta.member(node.id).die();
    node.die();
    shard = null;
    meta = null;
    timestamps = null;
    cluster.restartLater(this);
  }

  private ShardEnvironment environment() {
    Weather weather = world.weather;
    Duration lease = Duration.ofNanos(weather.leaseNanos());
    BatchingTimestampSource source =
        new BatchingTimestampSource(
            this::askOracle,
            node::nanoTime,
            node,
            new BatchingTimestampSource.Options(
                lease.multipliedBy(8),
                lease,
                Duration.ofMillis(2),
                Duration.ofMillis(20),
                1000,
                1 << 16));
    timestamps = source;
    ShardLimits defaults = ShardLimits.defaults();
    ShardLimits limits =
        new ShardLimits(
            defaults.maxKeyBytes(),
            defaults.maxValueBytes(),
            defaults.maxBatchBytes(),
            defaults.maxEntryBytes(),
            defaults.maxQueuedRequests(),
            defaults.maxEntriesInFlight(),
            weather.extraEntryWrites(),
            defaults.maxOutcomes(),
            defaults.maxExpiryMillis(),
            weather.retentionMillis());
    StorageOptions storage =
        new StorageOptions(
            Durability.EXTERNAL_LOG,
            weather.memtableBytes(),
            256,
            4 << 10,
            16 << 10,
            2,
            24,
            MemtableKind.TRIE);
    return new ShardEnvironment(
        node.files,
        storage,
        StorageResources.inline(64 << 10),
        source,
        id -> cluster.descriptor(),
        node::nanoTime,
        node::wallMillis,
        node,
        node,
        node,
        lease,
        limits);
  }

  // ---- the oracle -------------------------------------------------------------------------------

  /** One request to the meta leader, over the network unless it is here. */
  private CompletableFuture<Long> askOracle(int count, long deadlineNanos) {
    int known = cluster.meta.member(node.id).knownLeader();
    int to = known >= 0 ? known : guess;
    CompletableFuture<Long> answer = new CompletableFuture<>();
    int life = node.life();
    cluster.network.send(
        node.id,
        to,
        false,
        () ->
            cluster
                .server(to)
                .drawFor(
                    count,
                    (first, failure) ->
                        cluster.network.send(
                            to,
                            node.id,
                            false,
                            () -> {
                              if (!node.lives(life)) {
                                return;
                              }
                              if (first != null) {
                                answer.complete(first);
                              } else {
                                guess = world.random.nextInt(cluster.size());
                                answer.completeExceptionally(Objects.requireNonNull(failure));
                              }
                            })));
    return answer;
  }

  private void drawFor(int count, BiConsumer<@Nullable Long, @Nullable Throwable> answer) {
    long before = cluster.newestHandedOut();
    var _ =
        Objects.requireNonNull(meta)
            .drawTimestamps(count)
            .whenComplete((first, failure) -> {
              if (first != null) {
                node.say("oracle: %d timestamps from %d", count, first);
                if (first <= before) {
                  world.violation(
                      "oracle: node %d hands out %d, and %d had been handed out before it was asked",
                      node.id, first, before);
                }
                cluster.handedOut(first + count - 1);
              }
              answer.accept(first, failure);
            });
  }

  /** Another shard on this node draws a timestamp. */
  void drawElsewhere() {
    if (timestamps != null) {
      var _ = timestamps.draw(1 + world.random.nextInt(3));
    }
  }

  // ---- requests ---------------------------------------------------------------------------------

  /** Serves a request that arrived, and sends the answer back. */
  <T> void serve(
      Function<T> request, Consumer<@Nullable T> answered, Consumer<ShardException> refused) {
    ShardReplica replica = shard;
    if (replica == null) {
      return;
    }
    var _ =
        request
            .of(replica)
            .whenComplete((result, failure) -> {
              if (failure == null) {
                cluster.network.reply(node.id, () -> answered.accept(result));
              } else if (Failures.cause(failure) instanceof ShardException e) {
                judge(e);
                cluster.network.reply(node.id, () -> refused.accept(e));
              } else {
                world.violation("node %d answers with %s", node.id, Failures.text(failure));
              }
            });
  }

  /** A request, as one of the replica's methods. */
  interface Function<T> {
    CompletableFuture<T> of(ShardReplica replica);
  }

  private void judge(ShardException e) {
    if (e.reason() == Reason.INTERNAL || e.reason() == Reason.INVALID) {
      world.violation("node %d answers %s: %s", node.id, e.reason(), e.getMessage());
    }
  }

  /** Tries a thing that a disk without power makes fail. */
  void attempt(String what, Supplier<?> action) {
    if (!node.up() || node.busy() || node.standsStill()) {
      return;
    }
    node.run(() -> {
      node.say("%s", what);
      var _ = action.get();
    });
  }
}
