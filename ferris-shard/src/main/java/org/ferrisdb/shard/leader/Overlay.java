package org.ferrisdb.shard.leader;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.ferrisdb.shard.ShardRequests.Mutation;
import org.jspecify.annotations.Nullable;

/**
 * The versions that entries in flight will write, on top of the applied state. Belongs to the loop.
 *
 * <p>A version leaves when its entry has applied, not before: who finds none here may read the
 * engine.
 */
final class Overlay {
  /**
   * A version to be.
   *
   * @param entry the entry that writes it
   * @param timestamp its commit timestamp
   * @param value null for a delete
   */
  @SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
  record Pending(PendingEntry entry, long timestamp, byte @Nullable [] value) {}

  /** For each key its versions, oldest first. */
  private final NavigableMap<byte[], Deque<Pending>> keys = new TreeMap<>(Arrays::compareUnsigned);

  /** Adds a command's versions; timestamps rise from call to call. */
  void add(PendingEntry entry, long timestamp, Iterable<Mutation> mutations) {
    for (Mutation m : mutations) {
      keys.computeIfAbsent(m.key(), k -> new ArrayDeque<>(2))
          .addLast(new Pending(entry, timestamp, m.value()));
    }
  }

  /** Removes an entry's versions: it has applied, or never will. */
  void remove(PendingEntry entry) {
    for (var command : entry.commands) {
      for (Mutation m : command.mutations()) {
        Deque<Pending> versions = keys.get(m.key());
        if (versions != null) {
          versions.removeIf(p -> p.entry == entry);
          if (versions.isEmpty()) {
            keys.remove(m.key());
          }
        }
      }
    }
  }

  /** The newest version in flight of a key, null if none is. */
  @Nullable Pending newest(byte[] key) {
    Deque<Pending> versions = keys.get(key);
    return versions == null ? null : versions.peekLast();
  }

  /** The last entry in flight that writes the key at or below the timestamp, null if none does. */
  @Nullable PendingEntry lastAt(byte[] key, long timestamp) {
    Deque<Pending> versions = keys.get(key);
    return versions == null ? null : lastAt(versions, timestamp);
  }

  /** The same for a range; an empty {@code to} is open. */
  @Nullable PendingEntry lastIn(byte[] from, byte[] to, long timestamp) {
    NavigableMap<byte[], Deque<Pending>> range = keys.tailMap(from, true);
    if (to.length > 0) {
      if (Arrays.compareUnsigned(from, to) >= 0) {
        return null;
      }
      range = range.headMap(to, false);
    }
    PendingEntry last = null;
    for (Deque<Pending> versions : range.values()) {
      last = later(last, lastAt(versions, timestamp));
    }
    return last;
  }

  /** The later of two entries. */
  static @Nullable PendingEntry later(@Nullable PendingEntry a, @Nullable PendingEntry b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return a.order >= b.order ? a : b;
  }

  private static @Nullable PendingEntry lastAt(Deque<Pending> versions, long timestamp) {
    Iterator<Pending> newestFirst = versions.descendingIterator();
    while (newestFirst.hasNext()) {
      Pending p = newestFirst.next();
      if (p.timestamp <= timestamp) {
        return p.entry;
      }
    }
    return null;
  }

  /** Whether nothing is in flight. */
  boolean isEmpty() {
    return keys.isEmpty();
  }
}
