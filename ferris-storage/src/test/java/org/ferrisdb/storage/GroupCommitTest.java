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
import java.util.concurrent.atomic.AtomicBoolean;
import org.ferrisdb.storage.StorageEngine.Direction;
import org.ferrisdb.storage.memtable.MemtableKind;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.ferrisdb.storage.testing.Leaks;
import org.ferrisdb.storage.testing.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many writers, some of whose batches are synced, and readers beside them, on a disk that fails now
 * and then and at last loses power: of each writer's batches a beginning is there, at least up to
 * the last that was synced, and each batch whole. {@code -Dferris.group.rounds=N} runs longer.
 */
@Timeout(value = 1, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class GroupCommitTest {
  private static final int ROUNDS = Integer.getInteger("ferris.group.rounds", 25);
  private static final Path HOME = Path.of("/disk/engine");
  private static final int WRITERS = 5;
  private static final int BATCHES = 80;

  /** One thread that writes; the fields are read when it has ended. */
  private static final class Writer {
    final String name;
    final Random random;
    int attempted;
    int synced;
    int failures;

    Writer(int number, Random random) {
      this.name = "w" + number;
      this.random = random;
    }

    /** Tries each batch until it is taken or the power is gone. */
    void run(StorageEngine engine, FaultyFileSystem files) {
      while (attempted < BATCHES) {
        attempted++;
        boolean sync = random.nextInt(3) == 0;
        while (!write(engine, sync)) {
          failures++;
          if (files.crashed()) {
            return;
          }
          Thread.yield();
        }
        synced = sync ? attempted : synced;
      }
    }

    private boolean write(StorageEngine engine, boolean sync) {
      byte[] value = EngineModel.bytes(attempted + "=" + "x".repeat(random.nextInt(60)));
      WriteBatch batch =
          new WriteBatch()
              .put(EngineModel.bytes(name + "/" + attempted), attempted, value)
              .put(EngineModel.bytes(name + "/first"), attempted, value)
              .put(EngineModel.bytes(name + "/last"), attempted, value);
      try {
        if (sync) {
          engine.write(batch);
        } else {
          engine.writeUnsynced(batch);
        }
        return true;
      } catch (StorageException.IoFailure e) {
        return false;
      }
    }
  }

  @Test
  void what_was_acknowledged_is_there_in_order_whatever_fails() throws Exception {
    long seed = Seeds.seed("group commit", 12);
    int failures = 0;
    for (int round = 0; round < ROUNDS; round++) {
      failures += run(new Random(seed + round), round % 2 == 0);
    }
    System.out.printf(
        "group commit: %d rounds of %d writers, %d writes failed%n", ROUNDS, WRITERS, failures);
    assertThat(failures).isPositive();
  }

  private int run(Random random, boolean powerFails) throws Exception {
    FaultyFileSystem files = new FaultyFileSystem();
    MemtableKind[] kinds = MemtableKind.values();
    StorageOptions options =
        new StorageOptions(
            Durability.WAL, 4_000, 300, 4_000, 20_000, 3, 9, kinds[random.nextInt(kinds.length)]);
    List<Writer> writers = new ArrayList<>();
    AtomicBoolean stop = new AtomicBoolean();
    try (StorageResources resources = Leaks.threads(3_000, 1);
        ExecutorService pool = Executors.newCachedThreadPool()) {
      StorageEngine engine = StorageEngine.open(files, HOME, options, resources);
      if (powerFails) {
        files.crashAt(files.operations() + 30 + random.nextInt(300));
      }
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        Writer writer = new Writer(i, new Random(random.nextLong()));
        writers.add(writer);
        running.add(pool.submit(() -> writer.run(engine, files)));
      }
      Future<?> reader = pool.submit(() -> readWhole(engine, files, stop));
      while (!running.stream().allMatch(Future::isDone)) {
        files.failAt(files.operations() + 1 + random.nextInt(60));
        Thread.yield();
      }
      for (Future<?> each : running) {
        each.get();
      }
      stop.set(true);
      reader.get();
      closeBroken(engine);
    }
    files.crash(random);
    try (StorageEngine engine = StorageEngine.open(files, HOME, options, Leaks.inline(0))) {
      writers.forEach(writer -> check(engine, writer));
    }
    return writers.stream().mapToInt(writer -> writer.failures).sum();
  }

  private static void closeBroken(StorageEngine engine) {
    try {
      engine.close();
    } catch (StorageException.IoFailure e) {
      // What was not synced may be lost.
    }
  }

  /** The two keys of a batch at either end of a writer's range have the same value. */
  private static void readWhole(StorageEngine engine, FaultyFileSystem files, AtomicBoolean stop) {
    for (int i = 0; !stop.get() && !files.crashed(); i++) {
      String name = "w" + i % WRITERS;
      List<String> found;
      try {
        found =
            EngineModel.scan(
                engine, name + "/first", name + "/m", Long.MAX_VALUE, Direction.FORWARD);
      } catch (StorageException.IoFailure e) {
        continue; // the power went
      }
      if (!found.isEmpty()) {
        assertThat(found).hasSize(2);
        assertThat(found.getFirst().replace("first", "last")).isEqualTo(found.getLast());
      }
    }
  }

  private static void check(StorageEngine engine, Writer writer) {
    int held = 0;
    for (int i = 1; i <= writer.attempted; i++) {
      boolean there = EngineModel.get(engine, writer.name + "/" + i, Long.MAX_VALUE) != null;
      if (there) {
        assertThat(held).as("%s/%d is there without those before", writer.name, i).isEqualTo(i - 1);
        held = i;
      }
    }
    assertThat(held).as(writer.name).isBetween(writer.synced, writer.attempted);
    for (String key : List.of("/first", "/last")) {
      String newest = EngineModel.get(engine, writer.name + key, Long.MAX_VALUE);
      assertThat(newest == null ? 0 : Integer.parseInt(newest.substring(0, newest.indexOf('='))))
          .isEqualTo(held);
    }
  }
}
