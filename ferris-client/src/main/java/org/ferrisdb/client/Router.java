package org.ferrisdb.client;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ferrisdb.client.wire.LeaderHint;
import org.ferrisdb.client.wire.MapReply;
import org.ferrisdb.client.wire.ShardDescriptorProto;

/**
 * Brings each call to its shard, by a cached map that every refusal may correct.
 *
 * <p>Belongs to the event loop; other threads may look at {@link #table()}.
 */
final class Router {
  private final ClientCore core;
  private volatile RouteTable table = RouteTable.EMPTY;
  private final ArrayDeque<ShardCall<?>> awaitingMap = new ArrayDeque<>();
  private boolean mapRequested;

  Router(ClientCore core) {
    this.core = core;
  }

  RouteTable table() {
    return table;
  }

  /** Sends a call on its way. */
  void route(ShardCall<?> call) {
    if (call.finished) {
      return;
    }
    ShardRoute route = call.findRoute(table);
    if (route == null) {
      call.lastProblem = "the shard map has no shard for its key";
      awaitMap(call);
    } else if (!call.fits(route)) {
      if (call.mapAsked) {
        call.doesNotFit(core);
      } else {
        call.mapAsked = true; // perhaps the map is only old
        awaitMap(call);
      }
    } else {
      call.route = route;
      route.submit(call);
    }
  }

  /** An attempt failed; decides where the call goes next. */
  void failed(ShardCall<?> call, AttemptFailure failure) {
    ShardRoute route = call.route;
    if (route == null || (route.isRetired() && failure.step() != AttemptFailure.Step.WAIT)) {
      route(call);
      return;
    }
    switch (failure.step()) {
      case FIND_LEADER -> route.lost(call, failure);
      case FIND_SHARD -> {
        route.left(call);
        call.mapRefusals++;
        boolean newer = applyDescriptors(failure.descriptors());
        if (newer && call.mapRefusals <= 3) {
          route(call);
        } else {
          awaitMap(call);
        }
      }
      default -> {
        route.left(call);
        core.laterIfUseful(call, failure);
      }
    }
  }

  private void awaitMap(ShardCall<?> call) {
    awaitingMap.add(call);
    requestMap();
  }

  /** Asks any node for the map, unless an answer is already awaited. */
  void requestMap() {
    if (mapRequested || core.isClosed()) {
      return;
    }
    mapRequested = true;
    AnyCalls.MapCall request = new AnyCalls.MapCall(core.now(), core.internalTimeoutNanos(), 0);
    var unused =
        request.whenComplete((reply, failure) -> {
          mapRequested = false;
          if (failure == null) {
            apply(reply);
          }
          routeAwaiting();
        });
    core.submitInternal(request);
  }

  /**
   * The first time, a call is routed as soon as the map has come. If that led to another refusal,
   * it waits longer each time: the cluster may need a moment to agree with itself.
   */
  private void routeAwaiting() {
    List<ShardCall<?>> calls = new ArrayList<>(awaitingMap);
    awaitingMap.clear();
    for (ShardCall<?> call : calls) {
      call.mapRounds++;
      core.later(call, call.mapRounds == 1 ? 0 : core.searchBackoff().nanosAfter(call.mapRounds));
    }
  }

  /** Takes over a map, unless it is older than the one at hand. */
  void apply(MapReply reply) {
    core.links().update(reply.getNodesList());
    if (reply.getShardsCount() > 0 && reply.getVersion() >= table.version) {
      install(reply.getVersion(), reply.getShardsList());
    }
    Map<Long, String> leaders = new HashMap<>();
    for (LeaderHint leader : reply.getLeadersList()) {
      leaders.put(leader.getShardId(), leader.getNodeId());
    }
    for (ShardRoute route : table.routes) {
      route.toldByMap(leaders.getOrDefault(route.id, ""));
    }
  }

  /** Takes over single descriptors that came with a refusal; returns whether anything was new. */
  private boolean applyDescriptors(List<ShardDescriptorProto> descriptors) {
    List<ShardDescriptorProto> newer = new ArrayList<>();
    for (ShardDescriptorProto descriptor : descriptors) {
      boolean known =
          table.routes.stream()
              .anyMatch(r -> r.id == descriptor.getShardId() && r.epoch >= descriptor.getEpoch());
      if (!known) {
        newer.add(descriptor);
      }
    }
    if (newer.isEmpty()) {
      return false;
    }
    install(table.version, newer);
    return true;
  }

  /**
   * Puts descriptors into the table, in place of whatever overlaps them; what they do not cover
   * stays.
   */
  private void install(long version, List<ShardDescriptorProto> descriptors) {
    Map<Long, ShardRoute> known = new HashMap<>();
    table.routes.forEach(route -> known.put(route.id, route));
    List<ShardRoute> next = new ArrayList<>();
    for (ShardDescriptorProto descriptor : descriptors) {
      ShardRoute old = known.get(descriptor.getShardId());
      if (old != null && old.epoch >= descriptor.getEpoch()) {
        next.add(old);
        continue;
      }
      ShardRoute route = new ShardRoute(descriptor, core);
      if (old != null) {
        route.inherit(old);
      }
      next.add(route);
    }
    List<ShardRoute> retired = new ArrayList<>();
    int fresh = next.size();
    for (ShardRoute old : table.routes) {
      if (next.subList(0, fresh).contains(old)) {
        continue;
      }
      if (next.subList(0, fresh).stream().anyMatch(route -> overlap(route, old))) {
        retired.add(old);
      } else {
        next.add(old);
      }
    }
    table = new RouteTable(version, next);
    retired.forEach(old -> old.retire(this));
  }

  private static boolean overlap(ShardRoute a, ShardRoute b) {
    return (a.end.isEmpty() || b.start.compareTo(a.end) < 0)
        && (b.end.isEmpty() || a.start.compareTo(b.end) < 0);
  }

  void housekeep(long now) {
    for (ShardRoute route : table.routes) {
      route.housekeep(now);
    }
  }
}
