package org.ferrisdb.shard.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.ferrisdb.raft.RaftPosition;
import org.jspecify.annotations.Nullable;

/**
 * What a Raft member keeps on its disk: term, vote and log. Entries count as kept from {@link
 * #sync} on; term and vote at once.
 *
 * <pre>
 *   purged ... base | base+1 ... synced | ... last
 *                     survives a crash    may not
 * </pre>
 */
final class SimLog {
  @SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
  record Entry(long term, byte @Nullable [] payload) {}

  long term;
  int votedFor = -1;
  private long base;
  private long baseTerm;
  private long synced;
  private final List<Entry> entries = new ArrayList<>();

  long base() {
    return base;
  }

  long last() {
    return base + entries.size();
  }

  long synced() {
    return synced;
  }

  Entry get(long index) {
    return entries.get((int) (index - base - 1));
  }

  /** Term of the entry, -1 if it is not here. */
  long termAt(long index) {
    if (index == base) {
      return baseTerm;
    }
    return index < base || index > last() ? -1 : get(index).term();
  }

  void append(Entry entry) {
    entries.add(entry);
  }

  List<Entry> from(long index, int atMost) {
    int first = (int) (index - base - 1);
    return List.copyOf(entries.subList(first, Math.min(entries.size(), first + atMost)));
  }

  /** Removes the entry and all behind it. */
  void truncate(long index) {
    entries.subList((int) (index - base - 1), entries.size()).clear();
    synced = Math.min(synced, index - 1);
  }

  void sync() {
    synced = last();
  }

  /** Forgets entries up to this one. */
  void purge(long index) {
    if (index > base && index <= last()) {
      baseTerm = termAt(index);
      entries.subList(0, (int) (index - base)).clear();
      base = index;
      synced = Math.max(synced, base);
    }
  }

  /** The state has been replaced, or is ahead: the log goes on from there. */
  void restartAt(RaftPosition position) {
    if (termAt(position.index()) == position.term()) {
      purge(position.index());
    } else {
      entries.clear();
      base = position.index();
      baseTerm = position.term();
      synced = base;
    }
    term = Math.max(term, position.term());
  }

  /** A part of what was not synced is gone. */
  void crash(SplittableRandom random) {
    long kept = synced + random.nextLong(last() - synced + 1);
    if (kept < last()) {
      truncate(kept + 1);
    }
    sync();
  }
}
