package org.ferrisdb.shard.simulation;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One run: a seed, and what came of it.
 *
 * @param seed decides everything
 * @param violation what was wrong, null if nothing
 * @param hash of the trace; the same for the same seed and code
 * @param events run
 * @param calls by status
 * @param trace its lines, if they were asked for
 */
public record SimRun(
    long seed,
    @Nullable String violation,
    long hash,
    int events,
    Map<String, Integer> calls,
    List<String> trace) {
  private static final long HEALING_NANOS = 20_000 * Weather.MILLI;

  /** The most of a trace that is kept. */
  private static final int LINES = 200_000;

  /** How much of a trace is kept. */
  public enum Keep {
    /** Nothing: the fastest. */
    NOTHING,
    /** What happened around the violation. */
    EXCERPT,
    /** From beginning to end. */
    ALL
  }

  /** Runs a seed. */
  public static SimRun of(long seed) {
    return of(seed, Keep.NOTHING);
  }

  /** Runs a seed and keeps so much of its trace. */
  public static SimRun of(long seed, Keep keep) {
    Weather weather = Weather.of(seed);
    World world = new World(seed, weather, new Trace(keep == Keep.NOTHING ? 0 : LINES));
    SimCluster cluster = new SimCluster(world);
    SimClients clients = new SimClients(cluster);
    try (Errors _ = Errors.watch(world)) {
      run(world, cluster, clients);
    } catch (RuntimeException | Error e) {
      world.violation("the run broke off: %s", Failures.text(e));
    }
    return result(seed, world, clients.history(), keep);
  }

  private static void run(World world, SimCluster cluster, SimClients clients) {
    Nemesis nemesis = new Nemesis(cluster);
    cluster.start();
    clients.start();
    nemesis.start();
    world.runUntil(world.weather.durationNanos());
    nemesis.end();
    clients.end();
    cluster.calm();
    heal(world, cluster, clients);
    if (world.violation() == null) {
      cluster.servers().forEach(cluster::compareDigest);
      new Judge(cluster, clients.history()).judge();
    }
  }

  /** All is well from here on: calls end, somebody leads, everybody catches up, reads succeed. */
  private static void heal(World world, SimCluster cluster, SimClients clients) {
    long limit = world.now() + HEALING_NANOS;
    while (!clients.idle() && world.now() < limit && world.violation() == null) {
      world.runUntil(world.now() + 10 * Weather.MILLI);
    }
    Op last = readUntilAnswered(world, clients, limit);
    while (!cluster.isWhole() && world.now() < limit && world.violation() == null) {
      world.runUntil(world.now() + 10 * Weather.MILLI);
    }
    if (last == null || !cluster.isWhole()) {
      for (SimGroup group : List.of(cluster.shard, cluster.meta)) {
        for (int i = 0; i < cluster.size(); i++) {
          world.trace.line(
              world.now(), "JUDGE", "%s", group.name + " " + i + " " + group.member(i));
        }
      }
      world.violation(
          "%s, %d ms after all faults had ended",
          last == null ? "no read is answered" : "not every replica has caught up",
          HEALING_NANOS / Weather.MILLI);
    }
  }

  private static @Nullable Op readUntilAnswered(World world, SimClients clients, long limit) {
    while (world.now() < limit && world.violation() == null) {
      Op op = clients.scanOfAll(0);
      clients.begin(op, () -> {});
      while (op.status == Op.Status.OPEN && world.violation() == null) {
        world.runUntil(world.now() + 10 * Weather.MILLI);
      }
      if (op.status == Op.Status.OK) {
        return op;
      }
    }
    return null;
  }

  private static SimRun result(long seed, World world, List<Op> history, Keep keep) {
    Map<String, Integer> calls = new TreeMap<>();
    for (Op op : history) {
      calls.merge(op.kind + " " + op.status, 1, Integer::sum);
      world.trace.mix(op.timestamp());
      world.trace.mix(op.completed);
    }
    return new SimRun(
        seed,
        world.violation(),
        world.trace.hash(),
        world.events(),
        calls,
        keep == Keep.EXCERPT
            ? world.excerpt(5 * world.weather.leaseNanos(), world.weather.leaseNanos())
            : world.excerpt(world.now(), world.now()));
  }

  /** Seed, what was wrong, and the lines before it. */
  public String report() {
    return "seed %d, %d events, trace %016x, calls %s\n%s\n%s"
        .formatted(
            seed,
            events,
            hash,
            calls,
            violation == null ? "no violation" : "VIOLATION: " + violation,
            String.join("\n", trace));
  }
}
