package org.ferrisdb.shard.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.ferrisdb.shard.ShardReplica;
import org.ferrisdb.shard.map.KeyRange;
import org.ferrisdb.shard.map.ShardDescriptor;
import org.ferrisdb.shard.map.ShardId;

/** Three nodes, each with a replica of one shard and one of meta. */
final class SimCluster {
  private static final int SIZE = 3;

  final World world;
  final SimNetwork network;
  final SimGroup shard;
  final SimGroup meta;
  private final List<SimNode> nodes = new ArrayList<>();
  private final List<SimServer> servers = new ArrayList<>();
  private final Map<Long, Integer> digests = new HashMap<>();
  private ShardDescriptor descriptor = descriptor(1);
  private long newestHandedOut;
  private boolean calm;

  SimCluster(World world) {
    this.world = world;
    for (int i = 0; i < SIZE; i++) {
      nodes.add(new SimNode(i, world));
    }
    network = new SimNetwork(world, nodes);
    shard = new SimGroup("shard", world, network, nodes);
    meta = new SimGroup("meta", world, network, nodes);
    nodes.forEach(node -> servers.add(new SimServer(this, node)));
  }

  void start() {
    servers.forEach(SimServer::start);
  }

  int size() {
    return SIZE;
  }

  SimServer server(int node) {
    return servers.get(node);
  }

  List<SimServer> servers() {
    return servers;
  }

  // ---- what all know ----------------------------------------------------------------------------

  private static ShardDescriptor descriptor(long epoch) {
    return new ShardDescriptor(
        new ShardId(1),
        KeyRange.ALL,
        IntStream.range(0, SIZE).mapToObj(SimGroup::nodeId).toList(),
        epoch);
  }

  ShardDescriptor descriptor() {
    return descriptor;
  }

  /** The shard map has a newer descriptor of the shard; one node hears of it. */
  void raiseEpoch(int teller) {
    descriptor = descriptor(descriptor.epoch() + 1);
    SimServer server = servers.get(teller);
    server.attempt(
        "hears of epoch " + descriptor.epoch(),
        () -> {
          server.shard().descriptorChanged();
          return 0;
        });
  }

  /** The newest timestamp that has left an oracle. */
  long newestHandedOut() {
    return newestHandedOut;
  }

  void handedOut(long timestamp) {
    newestHandedOut = Math.max(newestHandedOut, timestamp);
  }

  // ---- death and repair -------------------------------------------------------------------------

  void kill(SimServer server) {
    if (server.node.up() && !server.node.busy()) {
      server.die("killed");
    }
  }

  void restartLater(SimServer server) {
    long nanos = calm ? 1 : world.random.nextLong(3 * world.weather.leaseNanos());
    world.after(
        nanos,
        () -> {
          if (!server.node.up()) {
            server.start();
          }
        });
  }

  /** No more faults: all run, all messages arrive. */
  void calm() {
    calm = true;
    network.calm();
    for (SimServer server : servers) {
      server.node.allowPauses(false);
      server.node.files.crashAt(Long.MAX_VALUE);
      restartLater(server);
    }
  }

  /** Compares what a replica holds with what others held at the same index. */
  void compareDigest(SimServer server) {
    if (!server.node.up() || server.node.busy()) {
      return;
    }
    ShardReplica replica = server.shard();
    long index = replica.state().appliedIndex();
    int digest = replica.state().describe().hashCode();
    Integer other = digests.putIfAbsent(index, digest);
    if (other != null && other != digest) {
      world.violation(
          "replicas disagree at %d; node %d holds:\n  %s",
          index, server.node.id, String.join("\n  ", replica.state().describe()));
    }
  }

  /** Whether all have applied all. */
  boolean isWhole() {
    for (SimGroup group : List.of(shard, meta)) {
      for (SimServer server : servers) {
        SimMember member = group.member(server.node.id);
        if (!server.node.up() || member.applied() < group.truth().size()) {
          return false;
        }
      }
    }
    return true;
  }
}
