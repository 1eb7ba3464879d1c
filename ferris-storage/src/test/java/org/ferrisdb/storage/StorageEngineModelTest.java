package org.ferrisdb.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.ferrisdb.storage.testing.InterleavedFileSystem;
import org.ferrisdb.storage.testing.Interleaving;
import org.ferrisdb.storage.testing.Leaks;
import org.ferrisdb.storage.testing.RandomOptions;
import org.ferrisdb.storage.testing.RandomScript;
import org.ferrisdb.storage.testing.ScriptRun;
import org.ferrisdb.storage.testing.Seeds;
import org.ferrisdb.storage.testing.TrackedFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same random script under different options, drawn anew at every opening, with and without
 * threads, caches and a real disk: it reads the same, namely what a map of versions says. {@code
 * -Dferris.model.scripts=N} runs more of them.
 */
final class StorageEngineModelTest {
  private static final int SCRIPTS = Integer.getInteger("ferris.model.scripts", 6);
  private static final int VARIANTS = 6;
  private static final int STEPS = 300;
  private static final int READS_OF_THOUSAND = 400;

  @TempDir Path directory;

  private int checkpoints;
  private long overlaps;

  @Test
  void the_same_script_reads_the_same_under_any_options() {
    long seed = Seeds.seed("model", 42);
    for (long script = seed; script < seed + SCRIPTS; script++) {
      RandomScript steps = RandomScript.withReads(new Random(script), STEPS, READS_OF_THOUSAND);
      List<EngineModel> models = steps.models();
      for (int variant = 0; variant < VARIANTS; variant++) {
        Random random = new Random(31 * script + variant);
        String what = "-Dferris.seed=%d, variant %d".formatted(script, variant);
        try {
          runVariant(steps, models, random, variant == 3);
        } catch (RuntimeException | AssertionError e) {
          throw new AssertionError(what, e);
        }
      }
    }
    System.out.printf(
        "model: %d scripts of %d steps under %d options each, %d checkpoints;"
            + " %d steps of a flush or compaction beside another%n",
        SCRIPTS, STEPS, VARIANTS, checkpoints, overlaps);
    assertThat(overlaps).isGreaterThan(100);
    assertThat(checkpoints).isGreaterThan(SCRIPTS);
  }

  private void runVariant(
      RandomScript steps, List<EngineModel> models, Random random, boolean onDisk) {
    FileSystem disk = onDisk ? new TrackedFileSystem() : new FaultyFileSystem();
    Interleaving interleaving = new Interleaving();
    interleaving.seed(random.nextLong());
    FileSystem files = new InterleavedFileSystem(disk, interleaving);
    Path parent = onDisk ? directory.resolve("run" + random.nextLong()) : Path.of("/disk");
    Durability durability = RandomOptions.durability(random);
    Supplier<StorageOptions> options = () -> RandomOptions.draw(random, durability);
    long cache = random.nextInt(3) == 0 ? 0 : random.nextInt(200_000);
    try (StorageResources resources = resources(random.nextInt(4), cache, interleaving);
        ScriptRun run = new ScriptRun(files, parent.resolve("engine"), steps, options, resources)) {
      run.run();
      EngineModel last = models.getLast();
      last.assertSame(run.engine(), Long.MAX_VALUE);
      for (ScriptRun.Copy copy : run.copies()) {
        checkpoints++;
        StorageEngine.verify(files, copy.directory());
        try (StorageEngine engine =
            StorageEngine.open(files, copy.directory(), options.get(), resources)) {
          assertThat(engine.appliedPosition().index()).isEqualTo(copy.changes());
          models.get(copy.changes()).restrictedTo(copy.range()).assertSame(engine, Long.MAX_VALUE);
          engine.write(
              new WriteBatch()
                  .delete(EngineModel.bytes("k2"), 1L << 40)
                  .at(new AppliedPosition(9, copy.changes() + 1)));
        }
      }
      run.engine().compact();
      last.assertSame(run.engine(), Long.MAX_VALUE);
      last.assertSame(run.engine(), run.floor());
      assertThat(run.engine().stats().backgroundError()).isEmpty();
    }
    overlaps += interleaving.overlaps();
  }

  /** Without threads, with threads, or in turns. */
  private static StorageResources resources(int kind, long cache, Interleaving interleaving) {
    return switch (kind) {
      case 0 -> Leaks.inline(cache);
      case 1 -> Leaks.threads(cache, 3);
      default -> Leaks.interleaved(cache, 4, interleaving);
    };
  }
}
