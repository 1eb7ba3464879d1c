package org.ferrisdb.client;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which shard a key belongs to: the client's cached shard map, in key order. Immutable; it may be
 * out of date, which the nodes notice by the epoch in each request. It may have gaps while a change
 * is known only in part.
 */
final class RouteTable {
  static final RouteTable EMPTY = new RouteTable(0, List.of());

  final long version;
  final List<ShardRoute> routes;

  RouteTable(long version, List<ShardRoute> routes) {
    this.version = version;
    List<ShardRoute> sorted = new ArrayList<>(routes);
    sorted.sort(Comparator.comparing(route -> route.start));
    this.routes = List.copyOf(sorted);
  }

  /** The shard that holds {@code key}; null if none is known. */
  @Nullable ShardRoute find(Bytes key) {
    int index = lastStartingAtOrBelow(key);
    if (index < 0) {
      return null;
    }
    ShardRoute route = routes.get(index);
    return route.contains(key) ? route : null;
  }

  /** The shard that holds the largest keys below {@code end}; nothing means the end of all keys. */
  @Nullable ShardRoute findBelow(Optional<Bytes> end) {
    if (routes.isEmpty()) {
      return null;
    }
    int index = routes.size() - 1;
    if (end.isPresent()) {
      index = lastStartingAtOrBelow(end.get());
      if (index >= 0 && routes.get(index).start.equals(end.get())) {
        index--;
      }
    }
    if (index < 0) {
      return null;
    }
    ShardRoute route = routes.get(index);
    boolean reaches =
        route.end.isEmpty() || (end.isPresent() && route.end.compareTo(end.get()) >= 0);
    return reaches ? route : null;
  }

  private int lastStartingAtOrBelow(Bytes key) {
    int low = 0;
    int high = routes.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (routes.get(middle).start.compareTo(key) <= 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return high;
  }
}
