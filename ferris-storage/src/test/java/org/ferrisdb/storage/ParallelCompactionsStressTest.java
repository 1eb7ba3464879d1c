package org.ferrisdb.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.ferrisdb.storage.StorageEngine.Direction;
import org.ferrisdb.storage.memtable.MemtableKind;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.ferrisdb.storage.testing.Leaks;
import org.ferrisdb.storage.testing.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Real threads: writers that read what they wrote, each in keys of its own, above four compactions
 * at a time in small levels, with a garbage floor that follows closely. {@code
 * -Dferris.parallel.rounds=N} runs longer.
 */
@Timeout(value = 1, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ParallelCompactionsStressTest {
  private static final int ROUNDS = Integer.getInteger("ferris.parallel.rounds", 2);
  private static final int WRITERS = 3;
  private static final int BATCHES = 1_500;
  private static final Path HOME = Path.of("/disk/engine");

  private final AtomicLong clock = new AtomicLong();
  private final AtomicInteger most = new AtomicInteger();

  /** One thread and what its keys should hold. */
  private final class Writer {
    final String name;
    final Random random;
    final EngineModel model = new EngineModel();

    Writer(int number, Random random) {
      this.name = "w" + number + "/";
      this.random = random;
    }

    String key() {
      return name + (100 + random.nextInt(300));
    }

    void run(StorageEngine engine) {
      for (int i = 0; i < BATCHES; i++) {
        WriteBatch batch = draw();
        engine.writeUnsynced(batch);
        model.apply(batch);
        if (random.nextInt(50) == 0) {
          engine.raiseGarbageFloor(clock.get() - 100);
        }
        most.accumulateAndGet(engine.runningCompactions(), Math::max);
        String key = key();
        assertThat(EngineModel.get(engine, key, Long.MAX_VALUE))
            .as("%s after %d batches", key, i + 1)
            .isEqualTo(model.get(key, Long.MAX_VALUE));
        if (random.nextInt(100) == 0) {
          checkAll(engine);
        }
      }
    }

    void checkAll(StorageEngine engine) {
      assertThat(EngineModel.scan(engine, name, name + "z", Long.MAX_VALUE, Direction.FORWARD))
          .isEqualTo(model.scan(name, name + "z", Long.MAX_VALUE, Direction.FORWARD));
    }

    private WriteBatch draw() {
      long timestamp = clock.incrementAndGet();
      WriteBatch batch = new WriteBatch();
      if (random.nextInt(60) == 0) {
        String a = key();
        String b = key();
        if (!a.equals(b)) {
          boolean ordered = a.compareTo(b) < 0;
          return batch.deleteRange(
              EngineModel.bytes(ordered ? a : b), EngineModel.bytes(ordered ? b : a), timestamp);
        }
      }
      byte[] key = EngineModel.bytes(key());
      return random.nextInt(3) == 0
          ? batch.delete(key, timestamp)
          : batch.put(
              key, timestamp, EngineModel.bytes("v" + timestamp + "x".repeat(random.nextInt(100))));
    }
  }

  @Test
  void writers_read_what_they_wrote_whatever_is_compacted_beneath() throws Exception {
    long seed = Seeds.seed("parallel compactions", 9);
    for (int round = 0; round < ROUNDS; round++) {
      run(new Random(seed + round));
    }
    System.out.printf("parallel compactions: at most %d at a time%n", most.get());
    assertThat(most.get()).isGreaterThan(1);
  }

  private void run(Random random) throws Exception {
    FaultyFileSystem files = new FaultyFileSystem();
    StorageOptions options =
        new StorageOptions(Durability.WAL, 3_000, 300, 1_500, 3_000, 2, 12, MemtableKind.TRIE);
    List<Writer> writers = new ArrayList<>();
    try (StorageResources resources = Leaks.threads(20_000, 4);
        ExecutorService pool = Executors.newCachedThreadPool()) {
      try (StorageEngine engine = StorageEngine.open(files, HOME, options, resources)) {
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
          Writer writer = new Writer(i, new Random(random.nextLong()));
          writers.add(writer);
          running.add(pool.submit(() -> writer.run(engine)));
        }
        for (Future<?> each : running) {
          each.get();
        }
        writers.forEach(writer -> writer.checkAll(engine));
        assertThat(engine.stats().backgroundError()).isEmpty();
      }
      try (StorageEngine engine = StorageEngine.open(files, HOME, options, resources)) {
        writers.forEach(writer -> writer.checkAll(engine));
        engine.compact();
        writers.forEach(writer -> writer.checkAll(engine));
      }
    }
  }
}
