package org.ferrisdb.shard.simulation;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.ferrisdb.shard.ShardRequests.WriteOutcome;
import org.ferrisdb.shard.Timestamps;
import org.jspecify.annotations.Nullable;

/**
 * The processes that call the shard, one call at a time each, and the history of their calls. Two
 * client libraries are shared by them, each with an identity and a ledger of sequences, as in an
 * application with several threads.
 */
final class SimClients {
  /** A client library's identity and its numbers. */
  static final class Library {
    final long id;
    private long next = 1;
    private final TreeSet<Long> open = new TreeSet<>();

    Library(long id) {
      this.id = id;
    }

    long open() {
      open.add(next);
      return next++;
    }

    void close(long sequence) {
      open.remove(sequence);
    }

    long acknowledgedBelow() {
      return open.isEmpty() ? next : open.first();
    }
  }

  final World world;
  final SimCluster cluster;
  private final List<Op> history = new ArrayList<>();
  private final Library[] libraries = {new Library(1), new Library(2)};
  private final Map<String, String> lastSeen = new TreeMap<>();
  private final List<Long> knownTimestamps = new ArrayList<>();
  private long newestSeen;
  private final int[] guess;
  private long epoch = 1;
  private boolean ended;
  private int openCalls;
  private int values;

  SimClients(SimCluster cluster) {
    this.cluster = cluster;
    this.world = cluster.world;
    this.guess = new int[world.weather.processes()];
  }

  List<Op> history() {
    return history;
  }

  void start() {
    for (int p = 0; p < world.weather.processes(); p++) {
      int process = p;
      world.after(world.random.nextLong(20 * Weather.MILLI), () -> next(process));
    }
  }

  /** No call begins any more. */
  void end() {
    ended = true;
  }

  boolean idle() {
    return ended && openCalls == 0;
  }

  private void next(int process) {
    if (!ended) {
      begin(drawCall(process), () -> world.after(think(), () -> next(process)));
    }
  }

  private long think() {
    return world.around(world.weather.thinkNanos());
  }

  /** Makes a call; {@code done} runs when it has ended. */
  void begin(Op op, Runnable done) {
    openCalls++;
    Library library = libraries[op.process % libraries.length];
    new SimCall(
            this,
            op,
            library,
            () -> {
              openCalls--;
              done.run();
            })
        .start();
  }

  // ---- what is called ---------------------------------------------------------------------------

  Op newOp(int process, Op.Kind kind) {
    Op op = new Op(history.size(), process, kind, world.now());
    history.add(op);
    return op;
  }

  /** A scan of everything. */
  Op scanOfAll(int process) {
    return newOp(process, Op.Kind.SCAN);
  }

  /** A read of one key. */
  Op getOf(int process, String key) {
    Op op = newOp(process, Op.Kind.GET);
    op.keys.add(key);
    return op;
  }

  List<String> keys() {
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < world.weather.keys(); i++) {
      keys.add("k" + i);
    }
    return keys;
  }

  private Op drawCall(int process) {
    int dice = world.random.nextInt(100);
    if (dice < 30) {
      Op op = getOf(process, anyKey());
      if (world.random.nextInt(5) == 0) {
        op.keys.add(
            "k" + ((Integer.parseInt(op.keys.getFirst().substring(1)) + 1) % world.weather.keys()));
      }
      op.at = world.random.nextInt(6) == 0 ? anyTimestamp() : 0;
      return op;
    }
    if (dice < 42) {
      Op op = scanOfAll(process);
      op.reverse = world.random.nextBoolean();
      op.at = world.random.nextInt(3) == 0 ? anyTimestamp() : 0;
      return op;
    }
    Op op = newOp(process, Op.Kind.WRITE);
    String key = anyKey();
    if (dice < 62) {
      op.condition = new Op.Condition(key, lastSeen.get(key));
    }
    op.mutations.put(key, world.random.nextInt(6) == 0 ? null : "v" + values++);
    if (world.random.nextInt(4) == 0) {
      op.mutations.put(anyKey(), "v" + values++);
    }
    return op;
  }

  private String anyKey() {
    return "k" + world.random.nextInt(world.weather.keys());
  }

  /** One that was heard of, or one made up, near what may be now. */
  private long anyTimestamp() {
    if (knownTimestamps.isEmpty() || world.random.nextInt(3) == 0) {
      return Math.max(1, newestSeen + Timestamps.ofMillis(world.random.nextInt(40)) - (1 << 20));
    }
    int last = knownTimestamps.size();
    return knownTimestamps.get(Math.max(0, last - 1 - world.random.nextInt(20)));
  }

  // ---- what the calls share ---------------------------------------------------------------------

  /** A timestamp was seen in an answer. */
  void sawTimestamp(long timestamp) {
    knownTimestamps.add(timestamp);
    newestSeen = Math.max(newestSeen, timestamp);
  }

  void sawValue(String key, @Nullable String value) {
    if (value == null) {
      lastSeen.remove(key);
    } else {
      lastSeen.put(key, value);
    }
  }

  /** Oracle time as far as clients know it; they begin with what a node tells them. */
  long oracleNow() {
    return Math.max(newestSeen, cluster.newestHandedOut());
  }

  long epoch() {
    return epoch;
  }

  void sawEpoch(long newer) {
    epoch = Math.max(epoch, newer);
  }

  /** Who is tried first. */
  int guess(int process) {
    return world.random.nextInt(8) == 0 ? world.random.nextInt(cluster.size()) : guess[process];
  }

  void guess(int process, int node) {
    guess[process] = node;
  }

  void sawOutcome(Op op, WriteOutcome outcome) {
    if (outcome instanceof WriteOutcome.Committed c) {
      sawTimestamp(c.version());
      op.mutations.forEach(this::sawValue);
    } else if (op.condition != null) {
      lastSeen.remove(op.condition.key());
    }
  }

  static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  static String text(byte[] bytes) {
    return new String(bytes, UTF_8);
  }
}
