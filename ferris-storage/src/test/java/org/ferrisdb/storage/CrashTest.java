package org.ferrisdb.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.ferrisdb.storage.StorageEngine.Direction;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.ferrisdb.storage.testing.InterleavedFileSystem;
import org.ferrisdb.storage.testing.Interleaving;
import org.ferrisdb.storage.testing.Leaks;
import org.ferrisdb.storage.testing.RandomOptions;
import org.ferrisdb.storage.testing.RandomScript;
import org.ferrisdb.storage.testing.ScriptRun;
import org.ferrisdb.storage.testing.Seeds;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random scripts under random options, with flushes and compactions that go on beside the script
 * and each other ({@link Interleaving}); the power fails, or a single operation fails, at every
 * file operation of them. What was not synced is dropped, bytes and names, or reaches the disk in
 * part. Afterwards
 *
 * <ul>
 *   <li>what the engine had said is durable is there,
 *   <li>what is there is the state after one of the batches, whole, at every timestamp and both
 *       ways, and the engine goes on from it,
 *   <li>checkpoints that had been made hold exactly what they held; one that was being made is
 *       complete or does not pass for a copy.
 * </ul>
 *
 * <p>The long run, which prints where it is every 100,000 cases:
 *
 * <pre>
 * mvn -o -pl ferris-storage -am test -Dtest=CrashTest -Dsurefire.failIfNoSpecifiedTests=false
 *     -Dferris.crash.cases=5000000 -Dferris.crash.operations=400
 * </pre>
 *
 * <p>A failure names the seed of its script; {@code -Dferris.seed=N -Dferris.crash.cases=1} runs
 * that script first, and alone.
 */
final class CrashTest {
  private static final long SHORT = 4_000;

  private static final long CASES = Long.getLong("ferris.crash.cases", SHORT);

  /**
   * A script of more is one whose compactions overlap, and takes long: in every build it crashes at
   * so many only. Whoever asks for a number of cases gets all if nothing is said, so what a run
   * names is found again.
   */
  private static final int MOST_OPERATIONS =
      Integer.getInteger("ferris.crash.operations", CASES == SHORT ? 400 : Integer.MAX_VALUE);

  private static final int PROGRESS_EVERY = 100_000;

  /** So many disks are kept at a time. */
  private static final int MOMENTS = 500;

  private static final Path HOME = Path.of("/disk/engine");

  /** What mounting the disk takes of operations. */
  private static final long FIRST_OPERATION = 3;

  private final Interleaving interleaving = new Interleaving();

  /** One cache for all cases: each must leave it empty. */
  private final StorageResources resources = Leaks.interleaved(3_000, 4, interleaving);

  private long cases;
  private long crashesWhileOpening;
  private long leftUnfinished;

  /** A script, its options and how it is called in a failure. */
  private record Trial(
      long seed, Durability durability, RandomScript script, List<EngineModel> models) {
    static Trial draw(long seed) {
      Random random = new Random(seed);
      Durability durability = RandomOptions.durability(random);
      RandomScript script = RandomScript.ofChanges(random, 5 + random.nextInt(45));
      return new Trial(seed, durability, script, script.models());
    }

    /** The same options in every run of this trial. */
    Supplier<StorageOptions> options() {
      Random random = new Random(seed + 1);
      return () -> RandomOptions.draw(random, durability);
    }

    String describe(List<String> log, long operation) {
      return "-Dferris.seed=%d %s, operation %d (%s)"
          .formatted(seed, durability, operation, log.get((int) operation - 1));
    }
  }

  /** A run whose compactions go on in the same turns each time. */
  private ScriptRun on(FaultyFileSystem files, Trial trial) {
    interleaving.seed(trial.seed());
    return new ScriptRun(
        new InterleavedFileSystem(files, interleaving),
        HOME,
        trial.script(),
        trial.options(),
        resources);
  }

  /** Runs it without a fault; returns the disk. */
  private FaultyFileSystem runWhole(Trial trial) {
    FaultyFileSystem files = newDisk();
    assertThat(on(files, trial).runAndClose()).isNull();
    return files;
  }

  /** A disk that is mounted at /disk. */
  private static FaultyFileSystem newDisk() {
    FaultyFileSystem files = new FaultyFileSystem();
    try {
      files.createDirectories(Path.of("/disk"));
      files.syncDirectory(Path.of("/"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }

  @Test
  void loses_nothing_when_the_power_fails_at_any_operation() {
    long scripts = 0;
    long printed = 0;
    for (long seed = Seeds.seed("crash", 5); cases < CASES; seed++) {
      crashEverywhere(seed);
      scripts++;
      if (cases / PROGRESS_EVERY > printed) {
        printed = cases / PROGRESS_EVERY;
        System.out.println("crash: " + cases + " cases so far, next seed " + (seed + 1));
      }
    }
    System.out.printf(
        "crash: %d cases of %d scripts, %d of them crashed again while opening, %d left an"
            + " unfinished checkpoint; %d steps of a flush or compaction beside another%n",
        cases, scripts, crashesWhileOpening, leftUnfinished, interleaving.overlaps());
    if (CASES >= SHORT) {
      assertThat(leftUnfinished).isPositive();
      assertThat(interleaving.overlaps()).isPositive();
      assertThat(crashesWhileOpening).isGreaterThan(cases / 50);
    }
  }

  /** Every operation of a script; of one that has many, those that its seed draws. */
  private static long[] operations(Trial trial, FaultyFileSystem whole) {
    long count = whole.operations() - FIRST_OPERATION + 1;
    return count <= MOST_OPERATIONS
        ? LongStream.rangeClosed(FIRST_OPERATION, whole.operations()).toArray()
        : new Random(trial.seed() + 2)
            .longs(MOST_OPERATIONS, FIRST_OPERATION, whole.operations() + 1)
            .distinct()
            .toArray();
  }

  /**
   * An operation at which the power fails.
   *
   * @param disk as it is then
   * @param said what the engine had said by then
   */
  private record Moment(long operation, FaultyFileSystem disk, ScriptRun.State said) {}

  /** One run for all of them. */
  private List<Moment> moments(Trial trial, long[] operations) {
    Set<Long> wanted = Arrays.stream(operations).boxed().collect(Collectors.toSet());
    List<Moment> moments = new ArrayList<>();
    FaultyFileSystem files = newDisk();
    ScriptRun run = on(files, trial);
    files.witness(wanted::contains, (at, disk) -> moments.add(new Moment(at, disk, run.state())));
    assertThat(run.runAndClose()).isNull();
    assertThat(moments).hasSameSizeAs(operations);
    return moments;
  }

  /** Crashes the script of that seed at every operation, or at as many as it may. */
  void crashEverywhere(long seed) {
    Trial trial = Trial.draw(seed);
    FaultyFileSystem whole = runWhole(trial);
    List<String> log = whole.log();
    long[] operations = operations(trial, whole);
    for (int from = 0; from < operations.length; from += MOMENTS) {
      int to = Math.min(operations.length, from + MOMENTS);
      for (Moment moment : moments(trial, Arrays.copyOfRange(operations, from, to))) {
        crashAt(trial, moment, trial.describe(log, moment.operation()));
      }
    }
  }

  private void crashAt(Trial trial, Moment moment, String when) {
    for (int torn = 0; torn < 2; torn++) {
      Random random = torn == 0 ? null : new Random(31 * trial.seed() + moment.operation());
      try {
        crashAt(trial, moment, random);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError(when + (torn == 0 ? "" : ", torn"), e);
      }
      assertThat(resources.stats().blockCacheBytes()).as(when).isZero();
      cases++;
    }
  }

  private void crashAt(Trial trial, Moment moment, @Nullable Random random) {
    FaultyFileSystem files = moment.disk().copy();
    ScriptRun run = on(files, trial).at(moment.said());
    boolean compact = moment.operation() % 2 == 0;
    if (random != null && random.nextInt(3) == 0) {
      files.kill(); // the power goes only when the next process reads what this one has not synced
      crashWhileOpening(files, trial, random, 60);
    } else {
      files.crash(random);
    }
    if (random != null && random.nextInt(4) == 0) {
      crashWhileOpening(files, trial, random, 12);
    }
    checkEngine(files, trial, run, compact);
    for (ScriptRun.Copy copy : run.copies()) {
      checkCopy(files, trial, run, copy);
    }
    ScriptRun.Copy unfinished = run.unfinished();
    if (unfinished != null) {
      checkUnfinished(files, trial, run, unfinished);
    }
  }

  /** What the witness of a run is given is what a run that ends there leaves. */
  @Test
  void moments_are_what_runs_that_break_off_leave() {
    for (long seed = Seeds.seed("moments", 2), last = seed; seed < last + 2; seed++) {
      Trial trial = Trial.draw(seed);
      FaultyFileSystem whole = runWhole(trial);
      for (Moment moment : moments(trial, operations(trial, whole))) {
        String when = trial.describe(whole.log(), moment.operation());
        FaultyFileSystem files = newDisk();
        files.crashAt(moment.operation());
        ScriptRun run = on(files, trial);
        run.runAndClose();
        assertThat(files.crashed()).as(when).isTrue();
        assertThat(moment.disk().content()).as(when).isEqualTo(files.content());
        // What it says after the operation without another one, it says by the next moment.
        assertThat(moment.said().durable()).as(when).isLessThanOrEqualTo(run.durable());
        assertThat(moment.said().acknowledged()).as(when).isLessThanOrEqualTo(run.acknowledged());
        assertThat(moment.said().copies()).as(when).isEqualTo(run.copies());
        assertThat(moment.said().unfinished()).as(when).isEqualTo(run.unfinished());
      }
    }
  }

  /** The power comes back for a moment only. */
  private void crashWhileOpening(
      FaultyFileSystem files, Trial trial, Random random, int operations) {
    files.crashAt(files.operations() + 1 + random.nextInt(operations));
    try {
      open(files, HOME, trial.options().get()).close();
    } catch (StorageException.IoFailure e) {
      crashesWhileOpening++;
    }
    files.crash(random);
  }

  private StorageEngine open(FaultyFileSystem files, Path home, StorageOptions options) {
    return StorageEngine.open(
        new InterleavedFileSystem(files, interleaving), home, options, resources);
  }

  private void checkEngine(FaultyFileSystem files, Trial trial, ScriptRun run, boolean compact) {
    int all = Math.min(trial.script().changes().size(), run.acknowledged() + 1);
    try (StorageEngine engine = open(files, HOME, trial.options().get())) {
      int held = (int) engine.appliedPosition().index();
      assertThat((long) held).isBetween(run.durable(), (long) all);
      assertThat(engine.durablePosition()).isEqualTo(engine.appliedPosition());
      checkHolds(engine, trial.models().get(held), run.floor());
      checkNoLeftovers(files, engine);
      for (RandomScript.Change change : trial.script().changes().subList(held, all)) {
        run.perform(engine, change, true);
      }
      checkHolds(engine, trial.models().get(all), run.floor());
      if (compact) {
        engine.compact();
        checkHolds(engine, trial.models().get(all), run.floor());
      }
    }
    if (trial.durability() == Durability.WAL || compact) {
      files.crash(null);
      try (StorageEngine engine = open(files, HOME, trial.options().get())) {
        checkHolds(engine, trial.models().get(all), run.floor());
      }
    }
  }

  /** Flushes and compactions that are under way come to their end. */
  private void finishTasks() {
    while (interleaving.help()) {
      // Another step.
    }
  }

  private void checkNoLeftovers(FaultyFileSystem files, StorageEngine engine) {
    finishTasks(); // what the opening has begun, or there would be halves of tables
    long tables = engine.stats().levelTables().stream().mapToLong(Integer::longValue).sum();
    try {
      assertThat(files.list(HOME).stream().filter(name -> name.endsWith(".sst")))
          .hasSize((int) tables);
      assertThat(files.list(HOME).stream().filter(name -> name.endsWith(".val")))
          .hasSize(engine.stats().values().files());
      assertThat(files.list(HOME)).noneMatch(name -> name.endsWith(".wal"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void checkCopy(FaultyFileSystem files, Trial trial, ScriptRun run, ScriptRun.Copy copy) {
    StorageEngine.verify(files, copy.directory());
    try (StorageEngine engine = open(files, copy.directory(), trial.options().get())) {
      assertThat(engine.appliedPosition().index()).isEqualTo(copy.changes());
      checkHolds(
          engine, trial.models().get(copy.changes()).restrictedTo(copy.range()), run.floor());
    }
  }

  /** It has its name when it is complete; before, nobody takes it for an engine. */
  private void checkUnfinished(
      FaultyFileSystem files, Trial trial, ScriptRun run, ScriptRun.Copy copy) {
    Path unfinished = Checkpointer.unfinished(copy.directory());
    boolean left = files.exists(unfinished);
    if (left) {
      leftUnfinished++;
      assertThatThrownBy(() -> open(files, unfinished, trial.options().get()))
          .isInstanceOf(StorageException.Refused.class)
          .hasMessageContaining("cut short");
    }
    if (files.exists(copy.directory())) {
      checkCopy(files, trial, run, copy);
    } else {
      try (StorageEngine engine = open(files, HOME, trial.options().get())) {
        StorageEngine.Checkpoint _ = engine.checkpoint(copy.directory(), copy.range());
      }
      StorageEngine.verify(files, copy.directory());
      assertThat(files.exists(unfinished)).isFalse();
    }
  }

  /** The same at the newest timestamp, at the floor and between. */
  private static void checkHolds(StorageEngine engine, EngineModel model, long floor) {
    model.assertSame(engine, Long.MAX_VALUE);
    for (long timestamp : new long[] {floor, floor + 7}) {
      for (Direction direction : Direction.values()) {
        assertThat(EngineModel.scan(engine, null, null, timestamp, direction))
            .as("%s scan at %d", direction, timestamp)
            .isEqualTo(model.scan(null, null, timestamp, direction));
      }
    }
  }

  /** The disk fails once and works again: one call throws, and repeated it does what it should. */
  @Test
  void heals_when_any_single_operation_fails() {
    long failed = 0;
    for (long seed = Seeds.seed("failure", 5); failed < CASES / 4; seed++) {
      Trial trial = Trial.draw(seed);
      FaultyFileSystem whole = runWhole(trial);
      for (long at : operations(trial, whole)) {
        try {
          failAt(trial, at);
        } catch (RuntimeException | AssertionError e) {
          throw new AssertionError(trial.describe(whole.log(), at), e);
        }
        failed++;
      }
    }
    System.out.println("failure: " + failed + " cases");
  }

  private void failAt(Trial trial, long at) {
    FaultyFileSystem files = newDisk();
    files.failAt(at);
    int all = trial.script().changes().size();
    try (ScriptRun run = on(files, trial).withRetries(1, this::finishTasks)) {
      run.run();
      int failures = run.failures();
      try {
        run.engine().flush();
      } catch (StorageException.IoFailure e) { // of a flush that was still under way
        failures++;
        run.engine().flush();
      }
      if (!run.engine().stats().backgroundError().isEmpty()) {
        run.engine().compact(); // nothing that was called since then needed the compaction
      }
      assertThat(run.engine().stats().backgroundError()).isEmpty();
      checkHolds(run.engine(), trial.models().get(all), run.floor());
      assertThat(failures).isLessThan(2);
    }
    files.crash(null);
    try (StorageEngine engine = open(files, HOME, trial.options().get())) {
      checkHolds(engine, trial.models().get(all), 1L << 40);
    }
  }
}
