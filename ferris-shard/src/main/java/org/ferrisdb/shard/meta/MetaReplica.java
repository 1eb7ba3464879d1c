package org.ferrisdb.shard.meta;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.ferrisdb.raft.RaftGroup;
import org.ferrisdb.shard.Rebuildable;
import org.ferrisdb.shard.ShardEnvironment;
import org.ferrisdb.shard.map.ShardMap;
import org.ferrisdb.shard.oracle.OracleOptions;

/**
 * This node's replica of the meta group: shard map, node registry and the timestamp oracle. Every
 * method is thread-safe and none blocks, except those of the state machine. Futures fail with
 * {@link org.ferrisdb.shard.ShardException} only (NOT_LEADER with a hint where this node does not
 * lead meta), and they end: a draw within about a second, a command within about five.
 */
public interface MetaReplica extends Rebuildable {
  /**
   * A replica that is to be opened.
   *
   * @param directory where its engine lives; made if it is not there
   * @param environment what it needs of the node; its timestamps are not used
   */
  static MetaReplica create(Path directory, ShardEnvironment environment) {
    return new ReplicatedMeta(directory, environment, OracleOptions.defaults());
  }

  /** Gives the replica its Raft group, once, before it can lead. */
  void attach(RaftGroup group);

  /**
   * The oracle: the first of {@code count} consecutive timestamps, all above every one handed out
   * before this call began; answered only under the lease. Fails with NOT_LEADER, UNAVAILABLE (no
   * majority in time), OVERLOADED or INVALID (the count), never applied.
   */
  CompletableFuture<Long> drawTimestamps(int count);

  /**
   * Runs a command through the log; see {@link MetaCommand}. The future holds a map that contains
   * it. Fails with NOT_LEADER, UNAVAILABLE, OVERLOADED, LIMIT_EXCEEDED, INVALID or WRONG_EPOCH
   * (with the descriptor that stands), not applied; or with OUTCOME_UNKNOWN: then ask again,
   * commands are idempotent.
   */
  CompletableFuture<ShardMap> execute(MetaCommand command);

  /** The map as applied here; on a follower it may be a little old. */
  ShardMap map();

  /**
   * Called (on the thread that applies, must be short) with the new map after every change, also
   * after a checkpoint was installed.
   */
  void onChange(Consumer<ShardMap> listener);

  /**
   * Whether requests should come to this node: it leads meta, an earlier leader's lease is over,
   * and its own first entry has applied. Its lease may have run out because nobody asked anything;
   * the next request renews it before it is answered.
   */
  boolean serving();

  /** What it is and does now; cheap. */
  MetaStatus status();

  /**
   * A fingerprint of the whole replicated state: equal on replicas that have applied the same
   * entries.
   */
  String digest();
}
