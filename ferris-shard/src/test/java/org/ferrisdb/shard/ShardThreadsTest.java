package org.ferrisdb.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ferrisdb.shard.testing.ShardCluster.bytes;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.ferrisdb.shard.ShardRequests.Condition;
import org.ferrisdb.shard.ShardRequests.Get;
import org.ferrisdb.shard.ShardRequests.Mutation;
import org.ferrisdb.shard.ShardRequests.Scan;
import org.ferrisdb.shard.ShardRequests.ScanPage;
import org.ferrisdb.shard.ShardRequests.Value;
import org.ferrisdb.shard.ShardRequests.Write;
import org.ferrisdb.shard.ShardRequests.WriteOutcome;
import org.ferrisdb.shard.map.KeyRange;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.testing.LoopbackGroup;
import org.ferrisdb.shard.testing.ShardCluster;
import org.ferrisdb.storage.Durability;
import org.ferrisdb.storage.StorageOptions;
import org.ferrisdb.storage.StorageResources;
import org.ferrisdb.storage.io.DiskFileSystem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A shard on real threads: what the simulation can not show. */
@SuppressWarnings("NullAway.Init") // set before each test
class ShardThreadsTest {
  @TempDir Path directory;
  private final StorageResources resources = new StorageResources(8 << 20, 1);
  private final ExecutorService loops = Executors.newFixedThreadPool(2);
  private final ExecutorService readers = Executors.newFixedThreadPool(2);
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private ShardReplica replica;
  private LoopbackGroup group;

  private static final class Oracle implements TimestampSource {
    private final AtomicLong last = new AtomicLong(Timestamps.ofMillis(System.currentTimeMillis()));

    @Override
    public CompletableFuture<Long> draw(int count) {
      return CompletableFuture.completedFuture(last.getAndAdd(count) + 1);
    }

    @Override
    public long newest() {
      return last.get();
    }
  }

  private final Oracle oracle = new Oracle();

  @BeforeEach
  void start() {
    ShardEnvironment environment =
        new ShardEnvironment(
            new DiskFileSystem(),
            StorageOptions.defaults(Durability.EXTERNAL_LOG),
            resources,
            oracle,
            id -> ShardCluster.descriptor(1, KeyRange.ALL),
            System::nanoTime,
            System::currentTimeMillis,
            loops,
            readers,
            timer,
            Duration.ofMillis(200),
            ShardLimits.defaults());
    replica = new ShardReplica(new ShardId(1), directory.resolve("s1"), environment);
    group = new LoopbackGroup(replica);
    replica.attach(group);
    group.lead();
    Awaitility.await().until(() -> replica.status().serving());
  }

  @AfterEach
  void stop() {
    replica.leadershipLost();
    group.close();
    replica.close();
    loops.close();
    readers.close();
    timer.close();
    resources.close();
  }

  private Write write(
      long client, long sequence, List<Condition> conditions, String key, String v) {
    return new Write(
        1,
        client,
        client,
        sequence,
        Math.max(0, sequence - 64),
        oracle.newest() + Timestamps.ofMillis(10_000),
        conditions,
        List.of(new Mutation(bytes(key), bytes(v))));
  }

  @Test
  void many_threads_count_together_and_lose_nothing() throws Exception {
    int threads = 8;
    int each = 300;
    join(write(100, 1, List.of(), "counter", "0"));
    List<Future<?>> all = new ArrayList<>();
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int t = 1; t <= threads; t++) {
        long client = t;
        all.add(clients.submit(() -> count(client, each)));
      }
      for (Future<?> f : all) {
        f.get(60, TimeUnit.SECONDS);
      }
    }
    assertThat(read("counter")).isEqualTo("" + threads * each);
  }

  private void count(long client, int times) {
    long sequence = 0;
    for (int done = 0; done < times; ) {
      String now = read("counter");
      Condition same = new Condition.HasValue(bytes("counter"), bytes(now));
      String next = Long.toString(Long.parseLong(now) + 1);
      if (join(write(client, ++sequence, List.of(same), "counter", next))
          instanceof WriteOutcome.Committed) {
        done++;
      }
    }
  }

  private String read(String key) {
    Value value =
        replica
            .get(new Get(1, List.of(bytes(key)), 0))
            .orTimeout(30, TimeUnit.SECONDS)
            .join()
            .values()
            .getFirst();
    return value == null ? "" : ShardCluster.text(value.value());
  }

  private WriteOutcome join(Write write) {
    return replica.write(write).orTimeout(30, TimeUnit.SECONDS).join();
  }

  @Test
  void scans_among_writes_see_one_cut() throws Exception {
    // Two keys that are always written together, to the same value.
    try (ExecutorService writer = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> writing =
          writer.submit(() -> {
            for (int i = 1; i <= 2000; i++) {
              Write both =
                  new Write(
                      1,
                      7,
                      7,
                      i,
                      i,
                      oracle.newest() + Timestamps.ofMillis(10_000),
                      List.of(),
                      List.of(
                          new Mutation(bytes("a"), bytes("" + i)),
                          new Mutation(bytes("b"), bytes("" + i))));
              join(both);
            }
          });
      int scans = 0;
      do {
        ScanPage page =
            replica
                .scan(new Scan(1, new byte[0], new byte[0], scans % 2 == 0, 10, 1000, false, 0))
                .orTimeout(30, TimeUnit.SECONDS)
                .join();
        scans++;
        if (!page.entries().isEmpty()) {
          assertThat(page.entries()).hasSize(2);
          assertThat(page.entries().get(0).value()).isEqualTo(page.entries().get(1).value());
        }
      } while (!writing.isDone());
      writing.get(1, TimeUnit.SECONDS);
      assertThat(scans).isGreaterThan(10);
    }
  }

  @Test
  void pipelined_writes_and_reads_are_all_answered() {
    int count = 40_000;
    long began = System.nanoTime();
    List<CompletableFuture<?>> answers = new ArrayList<>(count);
    for (int i = 1; i <= count; i++) {
      answers.add(replica.write(write(5, i, List.of(), "k" + i % 5000, "value " + i)));
      if (i % 256 == 0) {
        CompletableFuture.allOf(answers.toArray(new CompletableFuture<?>[0])).join();
        answers.clear();
      }
    }
    CompletableFuture.allOf(answers.toArray(new CompletableFuture<?>[0]))
        .orTimeout(60, TimeUnit.SECONDS)
        .join();
    double micros = (System.nanoTime() - began) / 1000.0 / count;
    System.out.printf(
        "%.1f us a write, %d entries for %d writes%n", micros, replica.status().proposed(), count);
    assertThat(replica.status().proposed()).isLessThan(count / 4);
    assertThat(read("k0")).isEqualTo("value " + count);
  }
}
