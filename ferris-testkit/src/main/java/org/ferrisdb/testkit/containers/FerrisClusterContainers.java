package org.ferrisdb.testkit.containers;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.ContainerNetwork;
import com.github.dockerjava.api.model.Volume;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.client.FerrisOptions;
import org.ferrisdb.node.local.NodePorts;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Network;
import org.testcontainers.lifecycle.Startable;
import org.testcontainers.lifecycle.Startables;
import org.testcontainers.utility.DockerImageName;

/**
 * A cluster of containers in a network of its own, each with a volume, and the ways to break it.
 * Nodes are named n1, n2, ... and reach each other under these names.
 *
 * <pre>{@code
 * try (FerrisClusterContainers cluster = new FerrisClusterContainers(3)) {
 *   cluster.start();
 *   try (Ferris ferris = cluster.connect()) {
 *     ferris.put(utf8("a"), utf8("1"));
 *     cluster.kill("n1");
 *     ferris.put(utf8("a"), utf8("2"));
 *   }
 * }
 * }</pre>
 *
 * <p>Not thread-safe.
 */
public final class FerrisClusterContainers implements Startable {
  private static final String DATA = "/ferris/data";
  private static final int STOP_SECONDS = 30;

  private final Network network = Network.newNetwork();
  private final String id = UUID.randomUUID().toString();
  private final Map<String, FerrisContainer> nodes = new LinkedHashMap<>();

  /**
   * Prepares a cluster of {@link FerrisContainer#image}; nothing runs yet.
   *
   * @param nodeCount 1 to 9; with 3 one may be lost
   */
  public FerrisClusterContainers(int nodeCount) {
    this(FerrisContainer.image(), nodeCount);
  }

  /** The same of an image of one's own choice. */
  public FerrisClusterContainers(DockerImageName image, int nodeCount) {
    if (nodeCount < 1 || nodeCount > 9) {
      throw new IllegalArgumentException(nodeCount + " nodes: a test's cluster has 1 to 9");
    }
    // Chosen together: by themselves two nodes would pick the same one now and then.
    List<NodePorts> ports = NodePorts.free(nodeCount, new Random());
    for (int i = 1; i <= nodeCount; i++) {
      String name = "n" + i;
      nodes.put(
          name,
          new FerrisContainer(image, ports.get(i - 1))
              .named(name, name)
              .withNetwork(network)
              .withNetworkAliases(name)
              .withCreateContainerCmdModifier(c ->
                  Objects.requireNonNull(c.getHostConfig())
                      .withBinds(new Bind(volume(name), new Volume(DATA)))));
    }
    String seeds =
        nodes.keySet().stream()
            .map(n -> n + ":" + FerrisContainer.CLIENT_PORT)
            .collect(Collectors.joining(","));
    withSetting("cluster.seeds", seeds);
  }

  /** A setting of every node: see {@code ./ferris node --settings}. */
  public FerrisClusterContainers withSetting(String key, String value) {
    nodes.values().forEach(n -> n.withSetting(key, value));
    return this;
  }

  private String volume(String node) {
    return "ferris-" + id + "-" + node;
  }

  /** Starts all nodes and waits until each serves. */
  @Override
  public void start() {
    Startables.deepStart(nodes.values()).join();
  }

  /** Ends all nodes and removes containers, volumes and network. */
  @Override
  public void stop() {
    nodes.forEach((name, node) -> {
      node.stop();
      removeVolume(name);
    });
    network.close();
  }

  /** The network, for other containers that are to use the cluster. */
  public Network network() {
    return network;
  }

  /** Names of all nodes. */
  public List<String> nodes() {
    return List.copyOf(nodes.keySet());
  }

  /** A node's container. */
  public FerrisContainer node(String name) {
    FerrisContainer node = nodes.get(name);
    if (node == null) {
      throw new IllegalArgumentException("no node " + name + "; there are " + nodes.keySet());
    }
    return node;
  }

  /** host:port of every front door, from here. */
  public List<String> clientAddresses() {
    return nodes.values().stream().map(FerrisContainer::clientAddress).toList();
  }

  /** What a client in this JVM connects to. */
  public String url() {
    return "ferris://" + String.join(",", clientAddresses());
  }

  /** What a client in a container of {@link #network} connects to. */
  public String insideUrl() {
    return "ferris://"
        + nodes.keySet().stream()
            .map(n -> n + ":" + FerrisContainer.CLIENT_PORT)
            .collect(Collectors.joining(","));
  }

  /** A new client in this JVM; whoever asked for it closes it. */
  public Ferris connect() {
    return Ferris.connect(url());
  }

  /** A new client with options of one's own. */
  public Ferris connect(FerrisOptions options) {
    return Ferris.connect(url(), options);
  }

  // ---- faults

  /** Ends a node with SIGKILL; its volume stays. */
  public void kill(String name) {
    docker().killContainerCmd(node(name).getContainerId()).withSignal("KILL").exec();
    awaitExit(name);
  }

  /** Ends a node the friendly way, with SIGTERM; its volume stays. Returns its exit status. */
  public int shutDown(String name) {
    docker().stopContainerCmd(node(name).getContainerId()).withTimeout(STOP_SECONDS).exec();
    return awaitExit(name);
  }

  private int awaitExit(String name) {
    return docker()
        .waitContainerCmd(node(name).getContainerId())
        .start()
        .awaitStatusCode(2L * STOP_SECONDS, TimeUnit.SECONDS);
  }

  /** Starts a node again that was killed or shut down; does not wait until it serves. */
  public void restart(String name) {
    docker().startContainerCmd(node(name).getContainerId()).exec();
  }

  /** Stops a node in mid-air; its connections stay open. */
  public void pause(String name) {
    docker().pauseContainerCmd(node(name).getContainerId()).exec();
  }

  /** Lets a paused node go on. */
  public void resume(String name) {
    docker().unpauseContainerCmd(node(name).getContainerId()).exec();
  }

  /** Cuts a node off: from its peers, and from clients too. */
  public void cut(String name) {
    docker()
        .disconnectFromNetworkCmd()
        .withNetworkId(network.getId())
        .withContainerId(node(name).getContainerId())
        .withForce(true)
        .exec();
  }

  /** Connects a node again that was cut off; it may have another address than before. */
  public void heal(String name) {
    docker()
        .connectToNetworkCmd()
        .withNetworkId(network.getId())
        .withContainerId(node(name).getContainerId())
        .withContainerNetwork(new ContainerNetwork().withAliases(name))
        .exec();
  }

  /** Ends a node and deletes its volume, as if its machine had burnt down. */
  public void destroy(String name) {
    node(name).stop();
    removeVolume(name);
  }

  /** Starts a destroyed node anew, with an empty volume, and waits until it serves. */
  public void startAnew(String name) {
    node(name).start();
  }

  /** The last lines that a node has printed. */
  public String logs(String name) {
    List<String> lines = node(name).getLogs().lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size()));
  }

  private void removeVolume(String name) {
    try {
      docker().removeVolumeCmd(volume(name)).exec();
    } catch (NotFoundException e) {
      // It never ran.
    }
  }

  private static DockerClient docker() {
    return DockerClientFactory.instance().client();
  }
}
