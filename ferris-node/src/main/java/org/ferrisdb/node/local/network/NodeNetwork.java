package org.ferrisdb.node.local.network;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.ferrisdb.node.local.LocalCluster;
import org.ferrisdb.node.local.LocalClusterSpec;
import org.ferrisdb.node.local.NodePorts;
import org.ferrisdb.node.local.NodeProcess;

/**
 * The network between the nodes of a local cluster, as long as this object lives: to be made before
 * the nodes are started, with {@link #settings} among theirs, and closed after they ended.
 * Thread-safe.
 *
 * <p>Cuts are between nodes, by name, so a node that is killed and started again stays cut off.
 * Clients reach every node whatever is cut; see the package's description. Linux only.
 */
public final class NodeNetwork implements AutoCloseable {
  /** The client network of those who do not go through the proxies. */
  private static final String DIRECT = "direct";

  /** What nodes have to say to each other. */
  public enum Traffic {
    /** Appends, votes, heartbeats and the answers to them. */
    RAFT,
    /** Timestamps, reports, requests passed on, checkpoints. */
    FRONT_DOOR
  }

  private record Direction(Traffic traffic, String from, String to) {}

  private record Proxies(NodePorts ports, LinkProxy raft, LinkProxy frontDoor) {}

  private final Path clusterDir;
  private final Map<String, Proxies> proxies = new TreeMap<>();
  private final Set<Direction> cuts = ConcurrentHashMap.newKeySet();

  private NodeNetwork(Path clusterDir) {
    this.clusterDir = clusterDir;
  }

  /**
   * Opens a network, with nothing cut.
   *
   * @param clusterDir the directory of the cluster, which need not exist yet: whose connection one
   *     is, is found out by the process ids that are kept there
   * @param ports of its nodes n1, n2, ...
   */
  public static NodeNetwork open(Path clusterDir, List<NodePorts> ports) {
    NodeNetwork network = new NodeNetwork(clusterDir.toAbsolutePath().normalize());
    for (int i = 0; i < ports.size(); i++) {
      network.add(LocalClusterSpec.nodeName(i), ports.get(i));
    }
    return network;
  }

  private void add(String node, NodePorts ports) {
    proxies.put(
        node,
        new Proxies(
            ports,
            proxy(node, ports.raft(), Traffic.RAFT),
            proxy(node, ports.client(), Traffic.FRONT_DOOR)));
  }

  private LinkProxy proxy(String node, int port, Traffic traffic) {
    return new LinkProxy(
        node,
        port,
        this::callerAt,
        (from, to) -> cuts.isEmpty() || !cuts.contains(new Direction(traffic, from, to)));
  }

  /**
   * What the nodes have to be told (see {@link LocalClusterSpec}): to advertise the proxies to each
   * other, and themselves to clients.
   */
  public Map<String, String> settings() {
    Map<String, String> settings = new TreeMap<>();
    proxies.forEach((node, p) -> {
      settings.put(node + ":raft.advertise", address(p.raft().port()));
      settings.put(node + ":client.advertise", address(p.frontDoor().port()));
      settings.put(node + ":client.networks", DIRECT + "=" + address(p.ports().client()));
    });
    settings.put(
        "cluster.seeds",
        proxies.values().stream()
            .map(p -> address(p.frontDoor().port()))
            .collect(Collectors.joining(",")));
    return settings;
  }

  private static String address(int port) {
    return "127.0.0.1:" + port;
  }

  /** Cuts a node off from all others, in both directions. */
  public void cut(String node) {
    for (String other : proxies.keySet()) {
      if (!other.equals(node)) {
        cutOneWay(node, other);
        cutOneWay(other, node);
      }
    }
  }

  /** Swallows everything that one node says to another, requests and answers. */
  public void cutOneWay(String from, String to) {
    for (Traffic traffic : Traffic.values()) {
      cutOneWay(traffic, from, to);
    }
  }

  /** The same for a part of it. */
  public void cutOneWay(Traffic traffic, String from, String to) {
    cuts.add(new Direction(traffic, known(from), known(to)));
  }

  /**
   * Lets everything through again; connections whose streams have holes are closed, so that the
   * nodes make new ones.
   */
  public void heal() {
    cuts.clear();
    proxies
        .values()
        .forEach(p -> {
          p.raft().closeHoled();
          p.frontDoor().closeHoled();
        });
  }

  @Override
  public void close() {
    proxies
        .values()
        .forEach(p -> {
          p.raft().close();
          p.frontDoor().close();
        });
  }

  private String known(String node) {
    if (!proxies.containsKey(node)) {
      throw new IllegalArgumentException("no node " + node + ", there are " + proxies.keySet());
    }
    return node;
  }

  /** The node whose process has the socket with this local port open. */
  private String callerAt(int port) {
    Map<Long, String> nodes = new TreeMap<>();
    for (NodeProcess n : LocalCluster.open(clusterDir).map(LocalCluster::nodes).orElse(List.of())) {
      n.handle().ifPresent(process -> nodes.put(process.pid(), n.name()));
    }
    OptionalLong pid = SocketOwner.among(new ArrayList<>(nodes.keySet()), port);
    return pid.isPresent()
        ? nodes.getOrDefault(pid.getAsLong(), LinkProxy.STRANGER)
        : LinkProxy.STRANGER;
  }
}
