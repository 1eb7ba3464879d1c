package org.ferrisdb.node.cluster;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.ferrisdb.node.config.HostPort;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.shard.map.NodeRecord;
import org.ferrisdb.shard.map.ShardDescriptor;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.map.ShardMap;
import org.jspecify.annotations.Nullable;

/**
 * The newest shard map this node knows, and who leads what as far as it has heard. Thread-safe.
 *
 * <p>The map comes from the local meta replica where there is one, from other nodes otherwise; an
 * older one never replaces a newer one. Who leads is told by the local replica of a group if there
 * is one, else by what others said last.
 */
public final class NodeMap {
  private volatile ShardMap map = ShardMap.EMPTY;
  private final ConcurrentHashMap<ShardId, NodeId> heard = new ConcurrentHashMap<>();
  private final List<BiConsumer<ShardMap, ShardMap>> listeners = new CopyOnWriteArrayList<>();
  private volatile Function<ShardId, Optional<NodeId>> local = id -> Optional.empty();

  /** What the local replicas know of their leaders. */
  void localLeaders(Function<ShardId, Optional<NodeId>> source) {
    local = source;
  }

  /** The newest map. */
  public ShardMap map() {
    return map;
  }

  /** Takes a map if it is newer; listeners get the old and the new one. */
  public void adopt(ShardMap newer) {
    ShardMap old;
    synchronized (this) {
      old = map;
      if (newer.version() <= old.version()) {
        return;
      }
      map = newer;
    }
    listeners.forEach(l -> l.accept(old, newer));
  }

  /** Called with old and new map after every change, on whichever thread brought it. */
  void onChange(BiConsumer<ShardMap, ShardMap> listener) {
    listeners.add(listener);
  }

  /** The newest descriptor of a shard; null before the cluster is formed. */
  public @Nullable ShardDescriptor descriptor(ShardId shard) {
    return map.shard(shard).orElse(null);
  }

  /** Another node said who leads the shard. */
  void heard(ShardId shard, NodeId leader) {
    heard.put(shard, leader);
  }

  /** Another node turned out not to lead the shard: ask round. */
  void notLeader(ShardId shard, NodeId node) {
    heard.remove(shard, node);
  }

  /** Who leads the shard, as far as this node knows. */
  public Optional<NodeId> leader(ShardId shard) {
    Optional<NodeId> here = local.apply(shard);
    return here.isPresent() ? here : Optional.ofNullable(heard.get(shard));
  }

  /** Where a node's front door is. */
  Optional<HostPort> clientAddress(NodeId node) {
    return map.node(node).map(n -> HostPort.parse(n.clientAddress()));
  }

  /** The members, this node included. */
  public List<NodeRecord> members() {
    return map.nodes().stream().filter(n -> n.state() == NodeRecord.State.MEMBER).toList();
  }
}
