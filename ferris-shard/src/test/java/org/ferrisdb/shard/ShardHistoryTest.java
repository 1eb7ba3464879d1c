package org.ferrisdb.shard;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.ferrisdb.shard.testing.ShardCluster.bytes;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import org.ferrisdb.shard.ShardException.Applied;
import org.ferrisdb.shard.ShardRequests.Get;
import org.ferrisdb.shard.ShardRequests.GetResult;
import org.ferrisdb.shard.ShardRequests.Value;
import org.ferrisdb.shard.ShardRequests.Write;
import org.ferrisdb.shard.ShardRequests.WriteOutcome;
import org.ferrisdb.shard.ShardRequests.WriteOutcome.Committed;
import org.ferrisdb.shard.ShardRequests.WriteOutcome.ConditionFailed;
import org.ferrisdb.shard.testing.ShardCluster;
import org.ferrisdb.shard.testing.ShardCluster.Client;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Clients that repeat their calls at random replicas, while leaders change, proposals are refused,
 * lost or late, and replicas are killed or replaced; then the history of answers is checked against
 * the versions that the shard holds in the end.
 *
 * <p>Every answer carries a timestamp, so strict serializability can be checked without a search:
 * the order of timestamps must agree with real time, and every answer must be what the versions say
 * at its timestamp.
 */
@SuppressWarnings("NullAway.Init") // made by the test, for its seed
class ShardHistoryTest {
  private static final int CLIENTS = 6;
  private static final int KEYS = 3;
  private static final int STEPS = 16_000;

  @TempDir Path directory;

  /** A call and what became of it. */
  private static final class Call {
    final Write write;
    final String key;
    final @Nullable String expected;
    final String value;
    final long began;
    long ended = Long.MAX_VALUE;
    @Nullable WriteOutcome outcome;
    boolean surelyNot = true;
    int inTheAir;
    int attempts;

    Call(Write write, String key, @Nullable String expected, String value, long began) {
      this.write = write;
      this.key = key;
      this.expected = expected;
      this.value = value;
      this.began = began;
    }
  }

  private record Read(String key, long began, long ended, long timestamp, @Nullable Value value) {}

  private final List<Call> calls = new ArrayList<>();
  private final List<String> contradictions = new ArrayList<>();
  private final List<Read> reads = new ArrayList<>();
  private ShardCluster cluster;
  private Random random;
  private final List<byte[]> late = new ArrayList<>();
  private long lateTerm;
  private int checkpoints;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void answers_agree_with_the_versions_and_with_real_time(long seed) {
    System.out.println("seed " + seed);
    random = new Random(seed);
    cluster = ShardCluster.started(directory);
    try {
      run();
      check();
    } finally {
      cluster.close();
    }
  }

  private void run() {
    Client[] clients = new Client[CLIENTS];
    Call[] current = new Call[CLIENTS];
    Arrays.setAll(clients, i -> cluster.client(i + 1));
    for (int step = 0; step < STEPS; step++) {
      int c = random.nextInt(CLIENTS);
      if (random.nextInt(3) == 0) {
        read("k" + random.nextInt(KEYS));
      } else {
        current[c] = work(clients[c], current[c]);
      }
      if (random.nextInt(250) == 0) {
        disturb();
      }
      cluster.simulation.advance(Duration.ofNanos(random.nextInt(4_000_000)));
    }
    heal();
  }

  /** The client begins a call, or repeats one that has not ended. */
  private Call work(Client client, @Nullable Call call) {
    Call c = call;
    if (c == null || c.ended != Long.MAX_VALUE || c.attempts > 30) {
      client.acknowledgeAll();
      String key = "k" + random.nextInt(KEYS);
      String value = "v" + calls.size();
      String expected = random.nextBoolean() ? null : anyValueOf(key);
      Write write =
          expected == null ? client.put(key, value) : client.compareAndSet(key, expected, value);
      c = new Call(write, key, expected, value, cluster.simulation.nanoTime());
      calls.add(c);
    } else if (c.inTheAir > 0 && random.nextInt(4) > 0) {
      return c;
    }
    send(c, random.nextInt(4) == 0 ? random.nextInt(3) : Math.max(0, cluster.group.leader()));
    return c;
  }

  private String anyValueOf(String key) {
    for (int i = calls.size() - 1; i >= 0; i--) {
      if (calls.get(i).key.equals(key) && random.nextInt(2) == 0) {
        return calls.get(i).value;
      }
    }
    return "none";
  }

  private void send(Call call, int member) {
    call.attempts++;
    call.inTheAir++;
    var _ =
        cluster
            .replica(member)
            .write(call.write)
            .whenComplete((outcome, failure) -> {
              call.inTheAir--;
              if (outcome != null) {
                if (call.outcome != null && !call.outcome.equals(outcome)) {
                  contradictions.add(call.value + ": " + call.outcome + ", then " + outcome);
                }
                call.outcome = outcome;
                call.ended = Math.min(call.ended, cluster.simulation.nanoTime());
              } else {
                Throwable cause = failure instanceof CompletionException c ? c.getCause() : failure;
                if (!(cause instanceof ShardException e && e.applied() == Applied.NO)) {
                  call.surelyNot = false;
                }
              }
            });
  }

  private void read(String key) {
    long began = cluster.simulation.nanoTime();
    int member = random.nextInt(3) > 0 ? Math.max(0, cluster.group.leader()) : random.nextInt(3);
    long newest = cluster.oracle.newest();
    long timestamp = random.nextInt(4) == 0 ? newest - random.nextInt(200) * 65_536L : 0;
    var _ =
        cluster
            .replica(member)
            .get(new Get(1, List.of(bytes(key)), timestamp))
            .whenComplete((result, failure) -> {
              if (result != null) {
                add(key, timestamp == 0 ? began : -1, result);
              }
            });
  }

  private void add(String key, long began, GetResult result) {
    reads.add(
        new Read(
            key,
            began,
            cluster.simulation.nanoTime(),
            result.timestamp(),
            result.values().getFirst()));
  }

  // ---- what goes wrong --------------------------------------------------------------------------

  private void disturb() {
    int leader = cluster.group.leader();
    switch (random.nextInt(9)) {
      case 0 -> cluster.group.elect(random.nextInt(3));
      case 1 -> depose(leader);
      case 2 -> cluster.group.holdCommits(random.nextBoolean());
      case 3 -> loseSome(leader);
      case 4 -> commitLate();
      case 5 -> {
        int member = random.nextInt(3);
        if (random.nextBoolean()) {
          cluster.replica(member).flush();
        }
        cluster.restart(member);
        cluster.group.elect(random.nextInt(3));
      }
      case 6 -> install();
      case 7 -> cluster.oracle.setDelay(Duration.ofMillis(random.nextInt(30)));
      default -> heal();
    }
  }

  private void depose(int leader) {
    if (leader >= 0) {
      int next = (leader + 1 + random.nextInt(2)) % 3;
      cluster.group.electKeeping(next, random.nextInt(4));
    }
  }

  private void loseSome(int leader) {
    while (leader >= 0 && cluster.group.member(leader).pending() > 0 && random.nextInt(3) > 0) {
      switch (random.nextInt(3)) {
        case 0 -> cluster.group.member(leader).refuseNext();
        case 1 -> cluster.group.member(leader).commitNext();
        default -> {
          if (lateTerm != cluster.group.term()) {
            late.clear();
          }
          lateTerm = cluster.group.term();
          late.add(cluster.group.member(leader).loseNextForNow());
        }
      }
    }
  }

  private void commitLate() {
    if (lateTerm == cluster.group.term() && cluster.group.leader() >= 0) {
      late.forEach(cluster.group::append);
    }
    late.clear();
  }

  private void install() {
    int leader = cluster.group.leader();
    if (leader < 0) {
      return;
    }
    int member = (leader + 1) % 3;
    cluster.group.member(member).learnOfNewLeader();
    Path checkpoint = directory.resolve("checkpoint" + checkpoints++);
    cluster.replica(leader).checkpoint(checkpoint);
    cluster.group.member(member).install(checkpoint);
  }

  private void heal() {
    for (int i = 0; i < 3; i++) {
      if (i != cluster.group.leader()) {
        cluster.group.member(i).learnOfNewLeader();
      }
    }
    if (cluster.group.leader() < 0) {
      cluster.group.elect(random.nextInt(3));
    }
    cluster.group.holdCommits(false);
  }

  // ---- the check --------------------------------------------------------------------------------

  private void check() {
    cluster.oracle.setDelay(Duration.ZERO);
    cluster.simulation.advance(Duration.ofSeconds(10));
    int leader = cluster.group.leader();
    cluster.awaitServing(leader);
    String state = cluster.describe(leader);
    for (int i = 0; i < 3; i++) {
      assertThat(cluster.describe(i)).as("replica %s", i).isEqualTo(state);
    }
    Map<String, NavigableMap<Long, String>> versions = new HashMap<>();
    for (int k = 0; k < KEYS; k++) {
      versions.put("k" + k, versionsOf(leader, "k" + k));
    }
    assertThat(contradictions).isEmpty();
    checkCalls(versions);
    checkReads(versions);
    checkRealTime();
    long committed = calls.stream().filter(c -> c.outcome instanceof Committed).count();
    System.out.println(committed + " committed, " + reads.size() + " reads");
    assertThat(committed).as("the test must do something").isGreaterThan(300);
    assertThat(reads).hasSizeGreaterThan(300);
  }

  private NavigableMap<Long, String> versionsOf(int leader, String key) {
    NavigableMap<Long, String> found = new TreeMap<>();
    long timestamp = 0;
    while (true) {
      Value value = cluster.simulation.get(cluster.get(leader, key, timestamp)).values().getFirst();
      if (value == null) {
        return found;
      }
      found.put(value.version(), ShardCluster.text(value.value()));
      timestamp = value.version() - 1;
    }
  }

  private void checkCalls(Map<String, NavigableMap<Long, String>> versions) {
    int applied = 0;
    for (Call call : calls) {
      NavigableMap<Long, String> of = requireNonNull(versions.get(call.key));
      long times = of.values().stream().filter(call.value::equals).count();
      applied += (int) times;
      switch (call.outcome) {
        case Committed c -> {
          assertThat(times).as("%s was committed", call.value).isEqualTo(1);
          assertThat(of.get(c.version())).isEqualTo(call.value);
          if (call.expected != null) {
            assertThat(requireNonNull(of.lowerEntry(c.version())).getValue())
                .isEqualTo(call.expected);
          }
        }
        case ConditionFailed f -> {
          assertThat(times).as("%s was refused", call.value).isZero();
          if (f.actualPresent()) {
            assertThat(of.get(f.actualVersion())).isNotNull().isNotEqualTo(call.expected);
          }
        }
        case null -> {
          assertThat(times).as("%s was not answered", call.value).isLessThanOrEqualTo(1);
          if (call.surelyNot && call.inTheAir == 0) {
            assertThat(times).as("%s was said not to be applied", call.value).isZero();
          }
        }
      }
    }
    assertThat(versions.values().stream().mapToInt(Map::size).sum())
        .as("nothing but what was written")
        .isEqualTo(applied);
  }

  private void checkReads(Map<String, NavigableMap<Long, String>> versions) {
    for (Read read : reads) {
      var expected = requireNonNull(versions.get(read.key)).floorEntry(read.timestamp);
      String seen = read.value == null ? null : ShardCluster.text(read.value.value());
      assertThat(seen)
          .as("%s at %s", read.key, read.timestamp)
          .isEqualTo(expected == null ? null : expected.getValue());
    }
  }

  /** What ended before something else began has a lower timestamp. */
  private void checkRealTime() {
    record Event(long at, boolean end, long timestamp, boolean write) {}

    List<Event> events = new ArrayList<>();
    for (Call c : calls) {
      if (c.outcome instanceof Committed done) {
        events.add(new Event(c.began, false, done.version(), true));
        events.add(new Event(c.ended, true, done.version(), true));
      }
    }
    for (Read r : reads) {
      if (r.began >= 0) {
        events.add(new Event(r.began, false, r.timestamp, false));
        events.add(new Event(r.ended, true, r.timestamp, false));
      }
    }
    // At the same instant, beginnings come first: they were concurrent.
    events.sort(java.util.Comparator.comparingLong(Event::at).thenComparing(Event::end));
    long newestEnded = 0;
    for (Event e : events) {
      if (e.end) {
        newestEnded = Math.max(newestEnded, e.timestamp);
      } else {
        assertThat(e.timestamp).isGreaterThanOrEqualTo(newestEnded);
      }
    }
  }
}
