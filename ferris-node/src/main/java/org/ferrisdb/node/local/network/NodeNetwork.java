package org.ferrisdb.node.local.network;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
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
 * <p>Faults are between nodes, by name, so a node that is killed and started again stays cut off.
 * Clients reach every node whatever is cut, unless they choose to come through proxies of their own
 * ({@link #clientAddresses}); see the package's description. Linux only.
 */
public final class NodeNetwork implements AutoCloseable {
  /** The client network of those who do not go through the proxies. */
  private static final String DIRECT = "direct";

  /** The client network of those who do, and their name as the other end of a link. */
  public static final String CLIENTS = "clients";

  /** What nodes have to say to each other. */
  public enum Traffic {
    /** Appends, votes, heartbeats and the answers to them. */
    RAFT,
    /** Timestamps, reports, requests passed on, checkpoints. */
    FRONT_DOOR
  }

  private record Direction(Traffic traffic, String from, String to) {}

  private record Proxies(NodePorts ports, LinkProxy raft, LinkProxy frontDoor, LinkProxy clients) {
    List<LinkProxy> all() {
      return List.of(raft, frontDoor, clients);
    }
  }

  private final Path clusterDir;
  private final Map<String, Proxies> proxies = new TreeMap<>();
  private final Map<Direction, LinkState> states = new ConcurrentHashMap<>();

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
            proxy(node, ports.raft(), Traffic.RAFT, this::callerAt),
            proxy(node, ports.client(), Traffic.FRONT_DOOR, this::callerAt),
            proxy(node, ports.client(), Traffic.FRONT_DOOR, (_, _) -> CLIENTS)));
  }

  private LinkProxy proxy(String node, int port, Traffic traffic, LinkProxy.Callers callers) {
    return new LinkProxy(node, port, callers, (from, to) -> state(traffic, from, to));
  }

  private LinkState state(Traffic traffic, String from, String to) {
    return states.isEmpty()
        ? LinkState.CLEAR
        : states.getOrDefault(new Direction(traffic, from, to), LinkState.CLEAR);
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
      settings.put(
          node + ":client.networks",
          (DIRECT + "=" + address(p.ports().client()))
              + ("," + CLIENTS + "=" + address(p.clients().port())));
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

  /** The nodes' names. */
  public Set<String> nodes() {
    return Set.copyOf(proxies.keySet());
  }

  /** host:port of the proxies before the front doors, for clients; n1's first. */
  public List<String> clientAddresses() {
    return proxies.values().stream().map(p -> address(p.clients().port())).toList();
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
    change(from, to, LinkState::withCut);
  }

  /**
   * Cuts a node off from all others as far as Raft is concerned, until {@link #heal}: what it says
   * to them is swallowed, and they are refused at its Raft port, so that they take it for dead,
   * which it is not. Front doors stay open.
   */
  public void refuse(String node) {
    for (String other : proxies.keySet()) {
      if (!other.equals(known(node))) {
        cutOneWay(Traffic.RAFT, node, other);
        cutOneWay(Traffic.RAFT, other, node);
      }
    }
    Objects.requireNonNull(proxies.get(node)).raft().refuse();
  }

  /** The same for a part of it. */
  public void cutOneWay(Traffic traffic, String from, String to) {
    change(traffic, from, to, LinkState::withCut);
  }

  /**
   * Delays everything that one says to another.
   *
   * @param jitter how much more than {@code delay} it may take; order is kept
   */
  public void slow(String from, String to, Duration delay, Duration jitter) {
    change(from, to, s -> s.withDelay(delay.toNanos(), jitter.toNanos()));
  }

  /**
   * Loses packets of what one says to another: it stalls, and connections break now and then; see
   * {@link LossModel}.
   *
   * @param share of the packets, 0 to 1
   */
  public void lossy(String from, String to, double share) {
    change(from, to, s -> s.withLoss(share));
  }

  private void change(String from, String to, UnaryOperator<LinkState> change) {
    for (Traffic traffic : Traffic.values()) {
      change(traffic, from, to, change);
    }
  }

  private void change(Traffic traffic, String from, String to, UnaryOperator<LinkState> change) {
    states.merge(
        new Direction(traffic, known(from), known(to)),
        change.apply(LinkState.CLEAR),
        (old, _) -> change.apply(old));
  }

  /**
   * Breaks every connection between the two, whoever made it.
   *
   * @return how many there were
   */
  public int reset(String one, String other) {
    return resetCallers(known(one), known(other)) + resetCallers(other, one);
  }

  private int resetCallers(String caller, String node) {
    Proxies at = proxies.get(node);
    return at == null ? 0 : at.all().stream().mapToInt(p -> p.reset(caller::equals)).sum();
  }

  /**
   * Lets everything through again, at once; connections whose streams have holes are closed, so
   * that the nodes make new ones.
   */
  public void heal() {
    states.clear();
    proxies.values().forEach(p -> p.raft().admit());
    proxies.values().forEach(p -> p.all().forEach(LinkProxy::closeHoled));
  }

  @Override
  public void close() {
    proxies.values().forEach(p -> p.all().forEach(LinkProxy::close));
  }

  private String known(String node) {
    if (!node.equals(CLIENTS) && !proxies.containsKey(node)) {
      throw new IllegalArgumentException("no node " + node + ", there are " + proxies.keySet());
    }
    return node;
  }

  /** The node whose process has this end of the connection open. */
  private String callerAt(int port, int proxyPort) {
    Map<Long, String> nodes = new TreeMap<>();
    OptionalLong pid =
        SocketOwner.among(
            () -> {
              nodes.putAll(processes());
              return nodes.keySet();
            },
            port,
            proxyPort);
    return pid.isPresent()
        ? nodes.getOrDefault(pid.getAsLong(), LinkProxy.STRANGER)
        : LinkProxy.STRANGER;
  }

  /** Names by process id. */
  private Map<Long, String> processes() {
    Map<Long, String> nodes = new TreeMap<>();
    for (NodeProcess n : LocalCluster.open(clusterDir).map(LocalCluster::nodes).orElse(List.of())) {
      n.handle().ifPresent(process -> nodes.put(process.pid(), n.name()));
    }
    return nodes;
  }
}
