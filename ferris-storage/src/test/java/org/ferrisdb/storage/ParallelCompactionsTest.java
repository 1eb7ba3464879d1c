package org.ferrisdb.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.ferrisdb.storage.flow.Ticker;
import org.ferrisdb.storage.key.KeyRange;
import org.ferrisdb.storage.memtable.MemtableKind;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.ferrisdb.storage.testing.InterleavedFileSystem;
import org.ferrisdb.storage.testing.Interleaving;
import org.ferrisdb.storage.testing.Leaks;
import org.ferrisdb.storage.testing.ManualTicker;
import org.ferrisdb.storage.testing.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Several compactions of one engine, step by step: what if another thing comes now? {@code
 * CrashTest} asks the same of a power failure, at every step of random scripts.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ParallelCompactionsTest {
  private static final Path HOME = Path.of("/disk/engine");

  private final FaultyFileSystem files = new FaultyFileSystem();
  private final Interleaving steps = new Interleaving().byHand();
  private final Random random = Seeds.random("ParallelCompactionsTest", 3);
  private final EngineModel model = new EngineModel();
  private StorageResources resources = Leaks.interleavedCompactions(10_000, 4, steps);
  private long written;
  private int near;

  private StorageEngine open(int trigger, int levelBytes, int compactions) {
    StorageOptions options =
        new StorageOptions(
                Durability.EXTERNAL_LOG, 600, 200, 500, levelBytes, trigger, 40, MemtableKind.TRIE)
            .withMaxCompactions(compactions);
    return StorageEngine.open(new InterleavedFileSystem(files, steps), HOME, options, resources);
  }

  private void apply(StorageEngine engine, WriteBatch batch) {
    written++;
    engine.write(batch.at(new AppliedPosition(1, written)));
    model.apply(batch);
  }

  /** Near the keys of those before, so that not everything overlaps. */
  private void writeAny(StorageEngine engine) {
    if (written % 8 == 0) {
      near = 100 + random.nextInt(480);
    }
    byte[] key = EngineModel.bytes("key" + (near + random.nextInt(20)));
    StringBuilder value = new StringBuilder();
    random.ints(60, 'a', 'z').forEach(value::appendCodePoint); // not to be compressed much
    apply(engine, new WriteBatch().put(key, written + 1, EngineModel.bytes(value.toString())));
  }

  /** Small levels fill up faster than they are compacted, one step every third write. */
  private void writeUntilRunning(StorageEngine engine, int compactions) {
    for (int i = 0; steps.writing() < compactions; i++) {
      assertThat(i).as("writes").isLessThan(20_000);
      writeAny(engine);
      if (i % 3 == 0) {
        steps.help();
      }
    }
    assertThat(engine.runningCompactions()).isGreaterThanOrEqualTo(compactions);
  }

  private void finish() {
    while (steps.help()) {
      // Until nothing is left to do.
    }
  }

  private void checkAfterReopening() {
    files.crash(null);
    try (StorageEngine engine = open(2, 1_500, 1)) {
      model.assertSame(engine, Long.MAX_VALUE);
    }
  }

  @Test
  void three_go_on_side_by_side_and_nothing_is_lost() {
    try (StorageEngine engine = open(2, 1_500, 4)) {
      writeUntilRunning(engine, 3);
      model.assertSame(engine, Long.MAX_VALUE);
      finish();
      engine.flush();
      model.assertSame(engine, Long.MAX_VALUE);
    }
    checkAfterReopening();
  }

  @Test
  void there_are_no_more_than_the_options_say() {
    try (StorageEngine engine = open(2, 1_500, 2)) {
      for (int i = 0; i < 1_000; i++) {
        writeAny(engine);
        steps.help();
        assertThat(engine.runningCompactions()).isLessThanOrEqualTo(2);
      }
    }
    try (StorageEngine engine = open(2, 1_500, 1)) {
      for (int i = 0; i < 1_000; i++) {
        writeAny(engine);
        steps.help();
        assertThat(engine.runningCompactions()).isLessThanOrEqualTo(1);
      }
    }
  }

  @Test
  void all_give_way_to_an_excision_and_begin_anew_behind_it() throws IOException {
    try (StorageEngine engine = open(2, 1_500, 4)) {
      writeUntilRunning(engine, 2);
      engine.flush(); // before the figure is taken
      long completed = engine.stats().compactions();
      int running = engine.runningCompactions();
      written++;
      KeyRange range = new KeyRange(EngineModel.bytes("key2"), EngineModel.bytes("key4"));
      engine.excise(range, new AppliedPosition(1, written));
      model.excise(range);
      assertThat(engine.stats().compactions() - completed)
          .as("only what was past its last look came to its end")
          .isLessThan(running);
      assertThat(engine.runningCompactions()).isZero();
      assertThat(steps.writing()).isZero();
      assertThat(files.list(HOME).stream().filter(name -> name.endsWith(".sst")).count())
          .as("what was half written is deleted")
          .isLessThanOrEqualTo(tables(engine) + deletionsToCome());
      model.assertSame(engine, Long.MAX_VALUE);
      finish();
      assertThat(engine.stats().compactions()).isGreaterThan(completed);
      assertThat(engine.stats().backgroundError()).isEmpty();
      assertThat(files.list(HOME).stream().filter(name -> name.endsWith(".sst")))
          .hasSize(tables(engine));
      model.assertSame(engine, Long.MAX_VALUE);
    }
    checkAfterReopening();
  }

  private static int tables(StorageEngine engine) {
    return engine.stats().levelTables().stream().mapToInt(Integer::intValue).sum();
  }

  private long deletionsToCome() {
    return steps.waiting();
  }

  @Test
  void a_checkpoint_and_an_ingestion_come_between_their_steps() {
    Path copy = Path.of("/disk/copy");
    EngineModel copied;
    try (StorageEngine engine = open(2, 1_500, 4)) {
      writeUntilRunning(engine, 2);
      engine.checkpoint(copy);
      copied = model.copy();
      Path ready = Path.of("/disk/ready.sst");
      byte[] key = EngineModel.bytes("key300");
      long timestamp = written + 1;
      try (TableBuilder table =
          TableBuilder.create(files, ready, StorageOptions.defaults(Durability.EXTERNAL_LOG))) {
        table.put(key, timestamp, EngineModel.bytes("ingested"));
        table.finish();
      }
      WriteBatch same = new WriteBatch().put(key, timestamp, EngineModel.bytes("ingested"));
      written++;
      engine.ingest(List.of(ready), new AppliedPosition(1, written));
      model.apply(same);
      model.assertSame(engine, Long.MAX_VALUE);
      finish();
      model.assertSame(engine, Long.MAX_VALUE);
      engine.compact();
      model.assertSame(engine, Long.MAX_VALUE);
    }
    checkAfterReopening();
    StorageOptions options = StorageOptions.defaults(Durability.EXTERNAL_LOG);
    try (StorageEngine engine = StorageEngine.open(files, copy, options, resources)) {
      copied.assertSame(engine, Long.MAX_VALUE);
    }
  }

  @Test
  void compacting_by_hand_waits_for_what_is_in_its_way() {
    try (StorageEngine engine = open(2, 1_500, 4)) {
      writeUntilRunning(engine, 2);
      engine.compact();
      model.assertSame(engine, Long.MAX_VALUE);
      finish();
      model.assertSame(engine, Long.MAX_VALUE);
      long used = engine.stats().levelTables().stream().filter(tables -> tables > 0).count();
      assertThat(used).as("levels in use").isLessThanOrEqualTo(2);
    }
    checkAfterReopening();
  }

  @Test
  void closing_ends_all_of_them_at_their_next_step() {
    long before;
    int running;
    StorageEngine engine = open(2, 1_500, 4);
    try {
      writeUntilRunning(engine, 2);
      engine.flush();
      before = engine.stats().compactions();
      running = engine.runningCompactions();
    } finally {
      engine.close();
    }
    assertThat(steps.waiting()).isZero();
    assertThat(engine.stats().compactions() - before).isLessThan(running);
    checkAfterReopening();
  }

  /** Its tables stay where they are, the rest of the tree is kept in shape. */
  @Test
  void one_that_fails_does_not_stop_the_others_and_is_not_forgotten() {
    try (StorageEngine engine = open(2, 1_500, 4)) {
      writeUntilRunning(engine, 2);
      long completed = engine.stats().compactions();
      while (engine.stats().backgroundError().isEmpty()) {
        files.failAt(files.operations() + 1);
        steps.help();
      }
      files.failAt(Long.MAX_VALUE);
      assertThat(engine.stats().backgroundError()).contains("compaction failed");
      finish();
      assertThat(engine.stats().backgroundError()).contains("compaction failed");
      assertThat(engine.stats().compactions()).isGreaterThan(completed);
      engine.flush(); // whatever ends well lets what failed be tried again
      engine.raiseGarbageFloor(1);
      finish();
      assertThat(engine.stats().backgroundError()).isEmpty();
      model.assertSame(engine, Long.MAX_VALUE);
    }
    checkAfterReopening();
  }

  /**
   * The value of a key is on its way from level 0 to level 1 when its tombstone comes to level 0,
   * with more behind it. Nothing lies below level 1: whoever let the tombstone overtake would drop
   * it, and the value would be back.
   */
  @Test
  void a_tombstone_does_not_overtake_what_it_hides() {
    try (StorageEngine engine = open(2, 1 << 20, 4)) {
      for (int i = 0; steps.writing() < 1; i++) {
        apply(engine, new WriteBatch().put(EngineModel.bytes("key"), 10, new byte[300]));
        engine.flush();
        steps.help();
        assertThat(i).isLessThan(20);
      }
      for (int i = 0; i < 6; i++) {
        apply(engine, new WriteBatch().delete(EngineModel.bytes("key"), 20 + i));
        engine.flush();
      }
      engine.raiseGarbageFloor(100);
      assertThat(engine.runningCompactions()).isEqualTo(1);
      finish();
      assertThat(engine.stats().levelTables().getFirst()).isLessThan(2);
      model.assertSame(engine, Long.MAX_VALUE);
    }
    checkAfterReopening();
  }

  /** At 1 byte a second it would wait for hours. */
  @Test
  void closing_does_not_wait_for_the_rate_of_compactions() {
    ManualTicker time = new ManualTicker();
    Ticker stepping =
        new Ticker() {
          @Override
          public long nanos() {
            return time.nanos();
          }

          @Override
          public void sleep(long nanos) {
            time.sleep(nanos);
            steps.yieldTask();
          }
        };
    resources =
        new StorageResources(
            ResourceOptions.of(10_000, 4).withCompactionBytesPerSecond(1),
            stepping,
            Runnable::run,
            steps,
            null,
            steps::help);
    long sleeps;
    try (StorageEngine engine = open(2, 1_500, 4)) {
      while (engine.stats().levelTables().getFirst() < 8) {
        byte[] value = new byte[900]; // more than one table in the end
        random.nextBytes(value);
        byte[] key = EngineModel.bytes("key" + written % 4); // tables that overlap
        apply(engine, new WriteBatch().put(key, 1 + written, value));
      }
      engine.flush();
      for (int i = 0; i < 40; i++) {
        steps.help();
      }
      assertThat(engine.stats().backgroundError()).isEmpty();
      assertThat(steps.writing()).as("sleeps %s", time.sleeps()).isEqualTo(1);
      sleeps = time.sleeps().size();
      assertThat(sleeps).isGreaterThan(10);
    }
    assertThat(time.sleeps().size() - sleeps).isLessThan(3);
    resources.close();
    resources = Leaks.interleavedCompactions(10_000, 4, steps);
    checkAfterReopening();
  }
}
