package org.ferrisdb.shard.simulation;

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
  private boolean calm;

  /** Clients are one endpoint more: whoever is cut off from them is cut off from all. */
  SimNetwork(World world, List<SimNode> nodes) {
    this.world = world;
    this.nodes = nodes;
    this.cut = new boolean[nodes.size() + 1][nodes.size() + 1];
  }

  int clients() {
    return nodes.size();
  }

  /** To a node; {@code repeatable} messages may come twice. */
  void send(int from, int to, boolean repeatable, Runnable deliver) {
    int copies = repeatable && world.chance(world.weather.duplicatesPerMillion()) ? 2 : 1;
    for (int i = 0; i < copies; i++) {
      if (from == to || calm || !(cut[from][to] || lost())) {
        long delay = from == to ? 1 : world.around(world.weather.delayNanos());
        world.after(delay, nodes.get(to), World.ANY_LIFE, deliver);
      }
    }
  }

  /** From a node back to a client. */
  void reply(int from, Runnable deliver) {
    if (calm || !(cut[from][clients()] || lost())) {
      world.after(world.around(world.weather.delayNanos()), deliver);
    }
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

  void heal() {
    for (boolean[] row : cut) {
      java.util.Arrays.fill(row, false);
    }
  }

  /** From now on everything arrives. */
  void calm() {
    heal();
    calm = true;
  }
}
