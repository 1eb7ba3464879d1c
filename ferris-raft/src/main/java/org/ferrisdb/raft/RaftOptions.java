package org.ferrisdb.raft;

import java.time.Duration;

/**
 * How a node takes part in its groups.
 *
 * @param electionTimeoutMin a follower that hears nothing for a random time between min and max
 *     asks for votes; heartbeats go out every min/2
 * @param electionTimeoutMax see min
 * @param maxEntryBytes largest payload of an entry; log buffers are derived from it
 * @param segmentBytes size of a log segment; purging removes whole segments
 * @param keepEntries entries kept behind the last flush so that a follower that was away shortly
 *     need not fetch a checkpoint
 * @param logBytesBeforeCompaction a log of more bytes than this is flushed and purged by itself
 */
public record RaftOptions(
    Duration electionTimeoutMin,
    Duration electionTimeoutMax,
    int maxEntryBytes,
    int segmentBytes,
    int keepEntries,
    long logBytesBeforeCompaction) {
  /** The values the design starts from. */
  public static RaftOptions defaults() {
    return new RaftOptions(
        Duration.ofMillis(600), Duration.ofMillis(1000), 4 << 20, 8 << 20, 20_000, 64L << 20);
  }
}
