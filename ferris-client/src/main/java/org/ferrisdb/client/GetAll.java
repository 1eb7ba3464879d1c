package org.ferrisdb.client;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Reads many keys, wherever they are: grouped by shard, all shards at once, at one moment in time.
 * One group is read now; if there are several, a timestamp is drawn first and all are read at it.
 */
final class GetAll {
  private static final int MAX_KEYS_PER_REQUEST = 500;
  private static final int MAX_REGROUPINGS = 20;

  private final Calls calls;
  private final List<Bytes> keys;
  private final long timestamp;
  private final long deadlineNanos;

  GetAll(Calls calls, Collection<Bytes> keys, long timestamp) {
    this.calls = calls;
    this.keys = List.copyOf(new LinkedHashSet<>(keys));
    this.timestamp = timestamp;
    this.deadlineNanos = calls.core.now() + calls.timeoutNanos;
  }

  CompletableFuture<Map<Bytes, Entry>> start() {
    List<List<Bytes>> groups = groups(keys);
    CompletableFuture<List<Entry>> entries;
    if (groups.isEmpty()) {
      entries = CompletableFuture.completedFuture(List.of());
    } else if (groups.size() == 1 || timestamp != 0) {
      entries = readAll(groups, timestamp, 0);
    } else {
      entries = calls.timestamp(left()).thenCompose(now -> readAll(groups, now.value(), 0));
    }
    return Calls.unwrapped(entries.thenApply(this::inOrderOfAsking));
  }

  private List<List<Bytes>> groups(List<Bytes> of) {
    RouteTable table = calls.core.routes();
    Map<@Nullable ShardRoute, List<Bytes>> open = new HashMap<>();
    List<List<Bytes>> groups = new ArrayList<>();
    for (Bytes key : of) {
      ShardRoute route = table.find(key);
      List<Bytes> group = open.get(route);
      if (group == null || group.size() == MAX_KEYS_PER_REQUEST) {
        group = new ArrayList<>();
        groups.add(group);
        open.put(route, group);
      }
      group.add(key);
    }
    return groups;
  }

  private CompletableFuture<List<Entry>> readAll(List<List<Bytes>> groups, long at, int round) {
    List<CompletableFuture<List<Entry>>> parts = new ArrayList<>();
    for (List<Bytes> group : groups) {
      parts.add(read(group, at, round));
    }
    return CompletableFuture.allOf(parts.toArray(new CompletableFuture<?>[0]))
        .thenApply(all -> {
          List<Entry> entries = new ArrayList<>();
          parts.forEach(part -> entries.addAll(part.join()));
          return entries;
        });
  }

  private CompletableFuture<List<Entry>> read(List<Bytes> group, long at, int round) {
    CompletableFuture<List<Entry>> read = calls.getTogether(group, at, left());
    if (group.size() == 1) {
      return read;
    }
    return read.exceptionallyCompose(failure -> {
      List<List<Bytes>> smaller = regrouped(group, Calls.cause(failure));
      if (smaller.size() < 2 || round >= MAX_REGROUPINGS) {
        return CompletableFuture.failedFuture(failure);
      }
      return at != 0
          ? readAll(smaller, at, round + 1)
          : calls.timestamp(left()).thenCompose(now -> readAll(smaller, now.value(), round + 1));
    });
  }

  /**
   * What to read instead of a group that could not be read in one; the group alone: nothing else.
   */
  private List<List<Bytes>> regrouped(List<Bytes> group, Throwable failure) {
    if (failure instanceof CrossShardBatchException) {
      return groups(group); // its shard was split meanwhile
    }
    if (failure instanceof LimitExceededException) {
      int half = group.size() / 2; // the values together are too large for one answer
      return List.of(group.subList(0, half), group.subList(half, group.size()));
    }
    return List.of(group);
  }

  private long left() {
    return Math.max(1, deadlineNanos - calls.core.now());
  }

  private Map<Bytes, Entry> inOrderOfAsking(List<Entry> entries) {
    Map<Bytes, Entry> found = new HashMap<>();
    entries.forEach(entry -> found.put(entry.key(), entry));
    Map<Bytes, Entry> ordered = new LinkedHashMap<>();
    for (Bytes key : keys) {
      Entry entry = found.get(key);
      if (entry != null) {
        ordered.put(key, entry);
      }
    }
    return ordered;
  }
}
