package org.ferrisdb.shard;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.ferrisdb.raft.AppliedEntry;
import org.ferrisdb.raft.Leadership;
import org.ferrisdb.raft.RaftGroup;
import org.ferrisdb.raft.RaftPosition;
import org.ferrisdb.raft.ReplicatedStateMachine;
import org.ferrisdb.shard.ShardRequests.Get;
import org.ferrisdb.shard.ShardRequests.GetResult;
import org.ferrisdb.shard.ShardRequests.Scan;
import org.ferrisdb.shard.ShardRequests.ScanPage;
import org.ferrisdb.shard.ShardRequests.Write;
import org.ferrisdb.shard.ShardRequests.WriteOutcome;
import org.ferrisdb.shard.map.ShardId;

/**
 * CONTRACT STUB: one replica of one shard on this node, state machine and (where it leads) the
 * evaluation loop. Every method is thread-safe and non-blocking unless it says otherwise; futures
 * fail with {@link ShardException} only.
 */
public final class ShardReplica implements ReplicatedStateMachine {
  /**
   * @param id which shard
   * @param directory where its engine lives
   * @param environment what it needs of the node
   */
  public ShardReplica(ShardId id, Path directory, ShardEnvironment environment) {}

  /** Gives the replica its Raft group, once, before it can lead. */
  public void attach(RaftGroup group) {
    throw new UnsupportedOperationException();
  }

  /** Evaluates and applies a write. */
  public CompletableFuture<WriteOutcome> write(Write request) {
    throw new UnsupportedOperationException();
  }

  /** Reads keys. */
  public CompletableFuture<GetResult> get(Get request) {
    throw new UnsupportedOperationException();
  }

  /** Reads a page. */
  public CompletableFuture<ScanPage> scan(Scan request) {
    throw new UnsupportedOperationException();
  }

  /**
   * Tells the leader that the shard map has a newer descriptor for this shard; it is logged as a
   * barrier. Idempotent; ignored where this replica does not lead.
   */
  public void descriptorChanged() {
    throw new UnsupportedOperationException();
  }

  /** What it is and does now; cheap. */
  public ShardStatus status() {
    throw new UnsupportedOperationException();
  }

  @Override
  public RaftPosition open() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void apply(AppliedEntry entry) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void advance(RaftPosition position) {
    throw new UnsupportedOperationException();
  }

  @Override
  public RaftPosition flush() {
    throw new UnsupportedOperationException();
  }

  @Override
  public RaftPosition checkpoint(Path directory) {
    throw new UnsupportedOperationException();
  }

  @Override
  public RaftPosition install(Path directory) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void leadershipGained(Leadership leadership) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void leadershipLost() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void failed(Throwable cause) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
