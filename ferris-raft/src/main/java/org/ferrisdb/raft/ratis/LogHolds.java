package org.ferrisdb.raft.ratis;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.ferrisdb.raft.LogHold;

/** The claims on one group's log; see {@link LogHold}. Thread-safe. */
final class LogHolds {
  private final Set<Hold> holds = ConcurrentHashMap.newKeySet();

  private final class Hold implements LogHold {
    volatile long index;

    @Override
    public void from(long first) {
      index = first;
    }

    @Override
    public void close() {
      holds.remove(this);
    }
  }

  LogHold add() {
    Hold hold = new Hold();
    holds.add(hold);
    return hold;
  }

  /** The first index that somebody claims; {@link Long#MAX_VALUE} if nobody does. */
  long first() {
    return holds.stream().mapToLong(hold -> hold.index).min().orElse(Long.MAX_VALUE);
  }
}
