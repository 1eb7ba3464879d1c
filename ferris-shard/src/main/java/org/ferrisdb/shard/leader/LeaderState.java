package org.ferrisdb.shard.leader;

import java.util.HashMap;
import java.util.Map;
import org.ferrisdb.shard.leader.Request.WriteRequest;
import org.ferrisdb.shard.log.LeaderTerm;
import org.ferrisdb.shard.state.ClientId;

/**
 * What a leader knows beyond the replicated state, for one term (rule 4): made when the term became
 * live, with a floor drawn after that, and never used in another. Belongs to the loop.
 */
final class LeaderState {
  /** A call of a client. */
  record Call(ClientId client, long sequence) {}

  private static final int CACHED_KEYS = 8192;
  private static final int CACHED_RANGES = 64;

  final LeaderTerm term;
  final Overlay overlay = new Overlay();
  final TimestampCache cache;

  /** Calls in entries being gathered or in flight. */
  final Map<Call, WriteRequest> calls = new HashMap<>();

  /**
   * The newest timestamp given to anything evaluated here. Whatever is evaluated later gets a
   * higher one, so reads at or below it need no place in the cache.
   */
  long clock;

  /** Entries of writes in flight. */
  int entriesInFlight;

  /** When the next entry leaves. */
  final Gathering gathering = new Gathering();

  /** Whether the timer will have the loop look at what gathers. */
  boolean gatheringTimed;

  /** Reads that wait for entries in flight. */
  int waitingReads;

  /** Entries made so far. */
  long entries;

  /** Whether a new descriptor is in flight: nothing is evaluated over it (rule 7). */
  boolean barrier;

  /** Whether a garbage floor is in flight. */
  boolean floorInFlight;

  LeaderState(LeaderTerm term, long floor) {
    this.term = term;
    this.clock = floor;
    this.cache = new TimestampCache(floor, CACHED_KEYS, CACHED_RANGES);
  }
}
