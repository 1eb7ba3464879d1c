package org.ferrisdb.shard.simulation;

/**
 * What goes wrong, besides lost messages: drawn now and then, for as long as the run lasts. All
 * faults are of the kind that the design promises to bear, in any combination.
 */
final class Nemesis {
  private final SimCluster cluster;
  private final World world;
  private boolean ended;

  Nemesis(SimCluster cluster) {
    this.cluster = cluster;
    this.world = cluster.world;
  }

  void start() {
    world.onPause(this::campaignSoon);
    world.after(world.around(world.weather.disturbEveryNanos()), this::disturb);
    world.after(world.around(10 * Weather.MILLI), this::drawElsewhere);
    world.after(world.around(150 * Weather.MILLI), this::compare);
  }

  void end() {
    ended = true;
  }

  private void disturb() {
    if (ended) {
      return;
    }
    draw();
    world.after(world.around(world.weather.disturbEveryNanos()), this::disturb);
  }

  private void drawElsewhere() {
    if (!ended) {
      SimServer server = anyServer();
      if (server.node.up()) {
        server.drawElsewhere();
      }
      world.after(world.around(15 * Weather.MILLI), this::drawElsewhere);
    }
  }

  private void compare() {
    if (!ended) {
      cluster.compareDigest(anyServer());
      world.after(world.around(150 * Weather.MILLI), this::compare);
    }
  }

  private SimServer anyServer() {
    return cluster.server(world.random.nextInt(cluster.size()));
  }

  private SimGroup anyGroup() {
    return world.random.nextInt(3) == 0 ? cluster.meta : cluster.shard;
  }

  /** Often the leader: most that can go wrong is about it. */
  private SimServer victim() {
    SimMember leader = anyGroup().leader();
    return leader != null && world.random.nextInt(3) > 0
        ? cluster.server(leader.node.id)
        : anyServer();
  }

  private void draw() {
    SimServer victim = victim();
    SimNode node = victim.node;
    long lease = world.weather.leaseNanos();
    switch (world.random.nextInt(20)) {
      case 0 -> cluster.kill(victim);
      case 1 -> {
        // In the middle of what its disk does next.
        long operation = node.files.operations() + 1 + world.random.nextInt(40);
        node.say("its disk will lose power at operation %d", operation);
        node.files.crashAt(operation);
        compact(victim);
      }
      case 2, 3 -> isolate(node);
      case 4 -> cutSome();
      case 5, 6 -> {
        if (!node.busy() && node.up()) {
          node.standStill(world.random.nextLong(3 * lease), world.random.nextInt(3) == 0);
        }
      }
      case 7 -> {
        // Steps are far larger than pauses, so that the one never hides the other.
        long millis = (world.random.nextBoolean() ? 1 : -1) * world.random.nextLong(5_000, 300_000);
        node.say("its wall clock is set by %d ms", millis);
        node.stepWall(millis);
      }
      case 8, 9 -> campaign();
      case 10 -> handOver();
      case 11 -> compact(victim);
      case 12 -> cluster.raiseEpoch(node.id);
      case 13 -> cluster.servers().forEach(this::compact);
      case 14, 15 -> coup();
      case 16 -> slowDown(node);
      default -> heal();
    }
  }

  /** A leader is cut off from its peers, and before its lease has ended another one is elected. */
  private void coup() {
    SimMember leader = anyGroup().leader();
    if (leader != null) {
      isolate(leader.node);
      campaignSoon(leader.node);
    }
  }

  /** Another node does not wait until it has missed the leader. */
  private void campaignSoon(SimNode leader) {
    if (ended || world.random.nextBoolean()) {
      return;
    }
    SimGroup group = anyGroup();
    int other = (leader.id + 1 + world.random.nextInt(cluster.size() - 1)) % cluster.size();
    world.after(
        world.random.nextLong(world.weather.leaseNanos() / 2),
        () ->
            cluster
                .server(other)
                .attempt(
                    "grows impatient",
                    () -> {
                      group.member(other).campaign();
                      return 0;
                    }));
  }

  private void slowDown(SimNode node) {
    int other = world.random.nextInt(cluster.size() + 1);
    long nanos = world.random.nextLong(world.weather.leaseNanos() / 2);
    node.say("is slow in sending to %d, by %.1f ms", other, nanos / 1e6);
    cluster.network.slow(node.id, other, nanos);
  }

  private void heal() {
    cluster.network.heal();
    if (world.trace.keeps()) {
      world.trace.line(world.now(), "network", "healed");
    }
  }

  private void isolate(SimNode node) {
    int way = world.random.nextInt(3);
    for (int other = 0; other <= cluster.size(); other++) {
      // Clients often reach who is cut off from its peers: that is the dangerous case.
      if (other != node.id && (other < cluster.size() || world.random.nextInt(4) == 0)) {
        if (way != 1) {
          cluster.network.cut(node.id, other, true);
        }
        if (way != 2) {
          cluster.network.cut(other, node.id, true);
        }
      }
    }
    node.say("is cut off (%s)", way == 0 ? "both ways" : way == 1 ? "hears nobody" : "is mute");
  }

  private void cutSome() {
    int from = world.random.nextInt(cluster.size());
    int to = (from + 1 + world.random.nextInt(cluster.size())) % (cluster.size() + 1);
    cluster.network.cutBoth(from, to);
    if (world.trace.keeps()) {
      world.trace.line(world.now(), "network", "cut between %d and %d", from, to);
    }
  }

  private void campaign() {
    SimMember member = anyGroup().member(world.random.nextInt(cluster.size()));
    cluster
        .server(member.node.id)
        .attempt(
            "grows impatient",
            () -> {
              member.campaign();
              return 0;
            });
  }

  private void handOver() {
    SimMember leader = anyGroup().leader();
    if (leader != null) {
      int target = world.random.nextInt(cluster.size());
      cluster
          .server(leader.node.id)
          .attempt(
              "is asked to hand over",
              () -> {
                leader.handOver(target);
                return 0;
              });
    }
  }

  private void compact(SimServer server) {
    server.attempt(
        "flushes and purges",
        () -> {
          try {
            cluster.shard.member(server.node.id).compact(world.weather.logKept());
            cluster.meta.member(server.node.id).compact(world.weather.logKept());
          } catch (RuntimeException e) {
            if (!server.node.files.crashed()) {
              throw e;
            }
          }
          return 0;
        });
  }
}
