package org.ferrisdb.shard.simulation;

import java.util.Arrays;
import java.util.List;

/**
 * Messages between nodes, and between clients and nodes. A message may be slow, so later ones
 * overtake it; it may vanish, and one that its receiver must be able to bear twice may come twice.
 * Links are cut in one direction at a time.
 */
final class SimNetwork {
  private final World world;
  private final List<SimNode> nodes;
  private final boolean[][] cut;
  private final long[][] slower;
  private boolean calm;

  /** Clients are one endpoint more: whoever is cut off from them is cut off from all. */
  SimNetwork(World world, List<SimNode> nodes) {
    this.world = world;
    this.nodes = nodes;
    this.cut = new boolean[nodes.size() + 1][nodes.size() + 1];
    this.slower = new long[nodes.size() + 1][nodes.size() + 1];
  }

  int clients() {
    return nodes.size();
  }

  /** To a node; {@code repeatable} messages may come twice. */
  void send(int from, int to, boolean repeatable, Runnable deliver) {
    int copies = repeatable && world.chance(world.weather.duplicatesPerMillion()) ? 2 : 1;
    for (int i = 0; i < copies; i++) {
      if (from == to || calm || !(cut[from][to] || lost())) {
        long delay = from == to ? 1 : delay(from, to);
        world.after(delay, nodes.get(to), World.ANY_LIFE, deliver);
      }
    }
  }

  /** From a node back to a client. */
  void reply(int from, Runnable deliver) {
    if (calm || !(cut[from][clients()] || lost())) {
      world.after(delay(from, clients()), deliver);
    }
  }

  private long delay(int from, int to) {
    return world.around(world.weather.delayNanos() + slower[from][to]);
  }

  private boolean lost() {
    return world.chance(world.weather.lossPerMillion());
  }

  void cut(int from, int to, boolean isCut) {
    cut[from][to] = isCut;
  }

  void cutBoth(int a, int b) {
    cut[a][b] = true;
    cut[b][a] = true;
  }

  /** The way from one to the other takes longer by that much on average. */
  void slow(int from, int to, long nanos) {
    slower[from][to] = nanos;
  }

  void heal() {
    for (int from = 0; from < cut.length; from++) {
      Arrays.fill(cut[from], false);
      Arrays.fill(slower[from], 0);
    }
  }

  /** From now on everything arrives. */
  void calm() {
    heal();
    calm = true;
  }
}
