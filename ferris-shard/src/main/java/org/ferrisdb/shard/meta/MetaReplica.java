package org.ferrisdb.shard.meta;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.ferrisdb.raft.RaftGroup;
import org.ferrisdb.raft.ReplicatedStateMachine;
import org.ferrisdb.shard.map.ShardMap;

/**
 * CONTRACT: this node's replica of the meta group: shard map, node registry and the timestamp
 * oracle. Futures fail with {@link org.ferrisdb.shard.ShardException} only (NOT_LEADER with a hint
 * where this node does not lead meta).
 */
public interface MetaReplica extends ReplicatedStateMachine {
  /** Gives the replica its Raft group, once. */
  void attach(RaftGroup group);

  /**
   * The oracle: the first of {@code count} consecutive timestamps; answered only under the lease.
   */
  CompletableFuture<Long> drawTimestamps(int count);

  /** Runs a command through the log; see MetaCommand. The future holds the map after it. */
  CompletableFuture<ShardMap> execute(MetaCommand command);

  /** The map as applied here; on a follower it may be a little old. */
  ShardMap map();

  /** Called (on the apply thread, must be short) with the new map after every change. */
  void onChange(Consumer<ShardMap> listener);

  /** Whether this node leads meta under a live lease. */
  boolean serving();
}
