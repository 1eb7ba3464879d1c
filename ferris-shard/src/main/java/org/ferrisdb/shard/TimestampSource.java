package org.ferrisdb.shard;

import java.util.concurrent.CompletableFuture;

/** Where timestamps come from: the oracle, through this node's one request in flight. */
public interface TimestampSource {
  /**
   * Draws {@code count} consecutive timestamps, all above every timestamp that was handed out
   * before this call began; the future holds the first. Completes exceptionally with {@link
   * ShardException} where the oracle can not be reached in time. Thread-safe.
   */
  CompletableFuture<Long> draw(int count);

  /** The newest timestamp this node has seen drawn, by anyone; a lower bound of oracle time. */
  long newest();
}
