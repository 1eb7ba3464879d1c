package org.ferrisdb.node.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/**
 * The three ports of a node, all on 127.0.0.1.
 *
 * @param client the front door
 * @param raft Raft
 * @param http metrics, health and status
 */
public record NodePorts(int client, int raft, int http) {
  /**
   * Free ports are looked for here: below the range that systems hand to outgoing connections, so
   * that nobody takes the port of a node while it is down.
   */
  private static final int LOWEST = 20_000;

  private static final int HIGHEST = 32_000;

  private static final long PATIENCE_NANOS = 2_000_000_000;

  /** Ports base, base+1, ...; Raft 100 and HTTP 200 above. */
  public static List<NodePorts> from(int base, int nodes) {
    List<NodePorts> ports = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      ports.add(new NodePorts(base + i, base + 100 + i, base + 200 + i));
    }
    return ports;
  }

  /** Ports that are free now. */
  public static List<NodePorts> free(int nodes, RandomGenerator random) {
    List<Integer> found = new ArrayList<>();
    for (int tries = 0; found.size() < 3 * nodes; tries++) {
      if (tries > 10_000) {
        throw new LocalClusterException(
            "no free ports between " + LOWEST + " and " + HIGHEST, "stop some processes");
      }
      int port = random.nextInt(LOWEST, HIGHEST);
      if (!found.contains(port) && isFree(port)) {
        found.add(port);
      }
    }
    List<NodePorts> ports = new ArrayList<>();
    for (int i = 0; i < 3 * nodes; i += 3) {
      ports.add(new NodePorts(found.get(i), found.get(i + 1), found.get(i + 2)));
    }
    return ports;
  }

  /** Whether a server could listen there now. */
  static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * The same, with patience: sockets of a process that was killed just now may go a little later.
   */
  static boolean isFreeSoon(int port) {
    long begin = System.nanoTime();
    while (!isFree(port)) {
      if (System.nanoTime() - begin > PATIENCE_NANOS) {
        return false;
      }
      LockSupport.parkNanos(20_000_000);
    }
    return true;
  }

  List<Integer> all() {
    return List.of(client, raft, http);
  }
}
