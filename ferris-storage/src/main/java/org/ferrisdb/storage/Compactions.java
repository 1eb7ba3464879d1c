package org.ferrisdb.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.ferrisdb.storage.cache.TableView;
import org.ferrisdb.storage.compaction.CompactionPicker;
import org.ferrisdb.storage.compaction.CompactionPlan;
import org.ferrisdb.storage.compaction.RunningCompactions;
import org.ferrisdb.storage.flow.IoLimiter.Urgency;
import org.ferrisdb.storage.flow.LimitedFileSystem;
import org.ferrisdb.storage.flow.WritePressure;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.manifest.DurableState;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.manifest.ValueFiles;
import org.ferrisdb.storage.manifest.Version;
import org.ferrisdb.storage.manifest.VersionEdit;
import org.ferrisdb.storage.metrics.EngineMetrics;
import org.ferrisdb.storage.sstable.ValueUse;
import org.jspecify.annotations.Nullable;

/**
 * The compactions of one engine: several at a time, on the shared threads, each with inputs and an
 * output of its own ({@link RunningCompactions}).
 *
 * <p><b>The protocol of one.</b> Under the lock: take the tables that readers see now, choose a
 * plan on them that conflicts with none that runs, and write it down as running. Without the lock:
 * read, write, commit the edit, show it to readers. Under the lock: strike it off. Since it is
 * struck off only after readers have its outcome, whoever plans sees either the claim or the
 * outcome, and never neither. A plan's inputs stay in the tree until its own edit, as nobody else
 * may take them, so two edits do not depend on the order in which they come. A crash finds of each
 * edit all or nothing, as before.
 *
 * <p><b>Excisions and ingestions</b> have the tree for themselves ({@link #alone}). What runs gives
 * way to an excision and begins anew behind it: writers wait meanwhile.
 *
 * <p><b>Threads.</b> One task is one compaction, which asks for the next at its end, so that the
 * engines of a process take turns. At most one task of an engine waits for a thread. Once it has
 * begun and written its plan down, it asks for another beside it.
 *
 * <p><b>Failures.</b> What fails is left alone for a while, and with it the tables it would need;
 * the others go on. The error is told until that work succeeds, or is no longer wanted.
 */
final class Compactions {
  private final FileSystem files;
  private final Path directory;
  private final StorageOptions options;
  private final StorageResources resources;
  private final VersionSet versions;
  private final Tree tree;
  private final EngineMetrics metrics;
  private final Consumer<DurableState> install;
  private final AtomicLong garbageFloor;
  private final AtomicLong completed = new AtomicLong();

  private final ReentrantLock lock = new ReentrantLock(); // of what follows; no other within it
  private final List<CompactionPlan> running = new ArrayList<>();
  private final List<CompactionPlan> wantedByHand = new ArrayList<>();
  private final CompactionFailures failures = new CompactionFailures();
  private boolean starting; // a task that has not chosen yet
  private int alone; // somebody needs the tree for himself, or is about to

  private volatile boolean givingWay; // somebody waits for what runs
  private volatile boolean closed;

  /**
   * None runs yet.
   *
   * @param install shows a new state to readers, while no other change can happen
   */
  Compactions(
      FileSystem files,
      Path directory,
      StorageOptions options,
      StorageResources resources,
      VersionSet versions,
      Tree tree,
      EngineMetrics metrics,
      Consumer<DurableState> install) {
    this.files = files;
    this.directory = directory;
    this.options = options;
    this.resources = resources;
    this.versions = versions;
    this.tree = tree;
    this.metrics = metrics;
    this.install = install;
    this.garbageFloor = new AtomicLong(versions.state().garbageFloor());
  }

  // ---- what others ask

  /** Why a compaction fails at the moment; null if none does. */
  @Nullable StorageException error() {
    lock.lock();
    try {
      return failures.error();
    } finally {
      lock.unlock();
    }
  }

  /** How many have been completed since open. */
  long completed() {
    return completed.get();
  }

  /** How many run now. */
  int runningNow() {
    lock.lock();
    try {
      return running.size();
    } finally {
      lock.unlock();
    }
  }

  void raiseGarbageFloor(long timestamp) {
    long before = garbageFloor.getAndAccumulate(timestamp, Math::max);
    if (timestamp > before) {
      schedule();
    }
  }

  /** Starts nothing more; what runs ends at its next look. */
  void beginClose() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
    tree.signal();
  }

  /** Whether anything runs or is about to. */
  boolean busy() {
    lock.lock();
    try {
      return starting || !running.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** What failed is forgotten. */
  void forgetFailures() {
    lock.lock();
    try {
      failures.clear();
    } finally {
      lock.unlock();
    }
  }

  // ---- begin and end

  /** Sees to it that what is due runs, also what has failed before. */
  void schedule() {
    lock.lock();
    try {
      failures.retryAll(tree.state().tables().version());
    } finally {
      lock.unlock();
    }
    startMore();
  }

  private void startMore() {
    lock.lock();
    try {
      if (starting || closed || alone > 0 || full()) {
        return;
      }
      if (pick(tree.state().tables().version()) == null) {
        if (running.isEmpty()) {
          failures.forgetRetried(); // what failed is no longer wanted
        }
        return;
      }
      starting = true;
    } finally {
      lock.unlock();
    }
    boolean taken = false;
    try {
      resources.runCompaction(this::runOne);
      taken = true;
    } finally {
      if (!taken) {
        notStarting();
      }
    }
  }

  private void notStarting() {
    lock.lock();
    try {
      starting = false;
    } finally {
      lock.unlock();
    }
    tree.signal();
  }

  private boolean full() {
    return running.size() >= Math.min(options.maxCompactions(), resources.compactionThreads());
  }

  private @Nullable CompactionPlan pick(Version version) {
    List<CompactionPlan> taken = new ArrayList<>(running);
    taken.addAll(wantedByHand);
    taken.addAll(failures.left());
    return CompactionPicker.pick(
        version, new RunningCompactions(taken), garbageFloor.get(), options);
  }

  /** A compaction that is under way, with a hold on what it was planned on. */
  private record Begun(CompactionPlan plan, TableView view) {}

  /** How to choose on a version; the lock is held. */
  private interface Choice {
    @Nullable CompactionPlan plan(Version version);
  }

  /**
   * Chooses and writes down; null if there is nothing to do. Planned on what is read: the durable
   * state may be ahead of it by a flush whose tables readers do not have yet, and a plan that names
   * such a table would remove it unread.
   *
   * @param task whether this is what {@code starting} speaks of. In the same step as the choice: a
   *     table that comes later finds that nobody is starting, and one that came before is seen
   */
  private @Nullable Begun begin(boolean task, Choice choice) {
    TableView view = null;
    CompactionPlan plan = null;
    try {
      lock.lock();
      try {
        starting &= !task;
        if (!closed && alone == 0) {
          view = tree.retainTables();
          plan = choice.plan(view.version());
        }
        if (plan != null) {
          running.add(plan);
        }
      } finally {
        lock.unlock();
      }
      return plan == null || view == null ? null : new Begun(plan, view);
    } finally {
      if (plan == null && view != null) {
        view.release();
      }
    }
  }

  private void end(Begun begun) {
    try {
      begun.view().release();
    } finally {
      lock.lock();
      try {
        running.remove(begun.plan());
      } finally {
        lock.unlock();
      }
      tree.signal();
    }
  }

  // ---- in the background

  private void runOne() {
    Begun begun = begin(true, this::pick);
    if (begun == null) {
      tree.signal();
      return;
    }
    try {
      startMore();
      compact(begun);
    } catch (GiveWay e) {
      // No failure: it begins anew, behind the excision.
    } catch (IOException | RuntimeException | Error e) {
      failed(begun.plan(), e);
    } finally {
      end(begun);
    }
    startMore();
  }

  private void failed(CompactionPlan plan, Throwable e) {
    long delay;
    lock.lock();
    try {
      delay = failures.failed(plan, BackgroundWork.explain(directory, "compaction", e));
    } finally {
      lock.unlock();
    }
    resources.retryLater(() -> retry(plan), delay);
  }

  private void retry(CompactionPlan plan) {
    lock.lock();
    try {
      failures.retry(plan);
    } finally {
      lock.unlock();
    }
    startMore();
  }

  // ---- by hand

  /** Compacts everything to the deepest level, in the caller's thread. */
  void compactAll() throws IOException {
    long firstWritten = versions.newFileNumber();
    int level = 0;
    while (level < Version.LEVELS) {
      level = compactLevel(level, firstWritten);
    }
    forgetFailures();
    schedule();
  }

  /** One step of compacting everything; returns the level that comes next. */
  private int compactLevel(int level, long firstWritten) throws IOException {
    Begun begun = beginByHand(version -> CompactionPicker.pickManual(version, level, firstWritten));
    if (begun == null) {
      return next(level, tree.state().tables().version());
    }
    try {
      compact(begun);
      return begun.plan().outputLevel() == level
          ? level // at the bottom run by run
          : next(level, begun.view().version());
    } catch (GiveWay e) {
      return level;
    } finally {
      end(begun);
      startMore(); // what this step was in the way of
    }
  }

  private static int next(int level, Version version) {
    return level >= Math.max(1, CompactionPicker.deepest(version)) ? Version.LEVELS : level + 1;
  }

  /**
   * Waits until nothing is in the way of what is chosen, and begins it; null if there is nothing to
   * do. What it waits for is kept for it meanwhile.
   */
  private @Nullable Begun beginByHand(Choice choice) {
    ByHand step = new ByHand(choice);
    try {
      while (true) {
        tree.await(step::mustWait);
        Begun begun = begin(false, step);
        if (begun != null || step.nothingToDo) {
          return begun;
        }
      }
    } finally {
      step.giveUp();
    }
  }

  /** A step of {@link #compactAll} that has not begun. */
  private final class ByHand implements Choice {
    private final Choice choice;
    private @Nullable CompactionPlan wanted;
    private boolean nothingToDo;

    ByHand(Choice choice) {
      this.choice = choice;
    }

    @Override
    public @Nullable CompactionPlan plan(Version version) {
      CompactionPlan plan = choice.plan(version);
      nothingToDo = plan == null;
      return plan == null || new RunningCompactions(running).conflictsWith(plan) ? null : plan;
    }

    boolean mustWait() {
      lock.lock();
      try {
        checkOpen();
        giveUp();
        CompactionPlan plan = choice.plan(tree.state().tables().version());
        if (plan != null && new RunningCompactions(running).conflictsWith(plan)) {
          wanted = plan;
          wantedByHand.add(plan);
          return true;
        }
        return alone > 0;
      } finally {
        lock.unlock();
      }
    }

    void giveUp() {
      lock.lock();
      try {
        if (wanted != null) {
          wantedByHand.remove(wanted);
          wanted = null;
        }
      } finally {
        lock.unlock();
      }
    }
  }

  // ---- alone

  /** Thrown into a compaction that an excision waits for. */
  private static final class GiveWay extends RuntimeException {
    private static final long serialVersionUID = 1L;

    GiveWay() {
      super("an excision goes first", null, false, false);
    }
  }

  /** A change of tables, of which one at a time runs. */
  interface Change {
    void run() throws IOException;
  }

  /** Runs a change that must not meet a compaction: all give way. One caller at a time. */
  void alone(Change change) throws IOException {
    lock.lock();
    try {
      alone++;
    } finally {
      lock.unlock();
    }
    givingWay = true;
    try {
      tree.await(this::anyRuns);
      givingWay = false;
      change.run();
    } finally {
      givingWay = false;
      endAlone();
    }
  }

  private boolean anyRuns() {
    lock.lock();
    try {
      return !running.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Sees to it that no compaction runs until {@link #endAlone}; false if one does already. */
  boolean tryAlone() {
    lock.lock();
    try {
      boolean free = running.isEmpty();
      alone += free ? 1 : 0;
      return free;
    } finally {
      lock.unlock();
    }
  }

  /** Compactions may run again. */
  void endAlone() {
    lock.lock();
    try {
      alone--;
    } finally {
      lock.unlock();
    }
    tree.signal();
    startMore();
  }

  // ---- the work

  private void checkOpen() {
    if (closed) {
      throw new StorageException.Closed(directory + ": the engine is closing");
    }
  }

  private void checkOpenAndNotInTheWay() {
    checkOpen();
    if (givingWay) {
      throw new GiveWay();
    }
  }

  private void compact(Begun begun) throws IOException {
    CompactionPlan plan = begun.plan();
    long floor = garbageFloor.get();
    if (CompactionPicker.isMove(plan, begun.view().version(), options.compression())) {
      commit(plan, floor, plan.upper());
      return;
    }
    long start = resources.ticker().nanos();
    List<TableMetadata> outputs =
        new CompactionRun(plan, floor, begun.view(), this::checkOpenAndNotInTheWay)
            .write(
                LimitedFileSystem.of(
                    files, resources.limiter(), () -> urgency(plan), this::checkOpenAndNotInTheWay),
                directory,
                versions::newFileNumber,
                options);
    try {
      commit(plan, floor, outputs);
    } catch (IOException e) {
      versions.abandon(outputs);
      throw e;
    }
    long values =
        ValueFiles.of(begun.view().version()).added(outputs).stream()
            .mapToLong(ValueUse::length)
            .sum();
    long upper = bytes(plan.upper());
    metrics.compacted(
        plan.level() == 0 ? upper : 0,
        upper + bytes(plan.lower()),
        bytes(outputs) + values,
        resources.ticker().nanos() - start);
  }

  private static long bytes(List<TableMetadata> tables) {
    return tables.stream().mapToLong(TableMetadata::length).sum();
  }

  /** Level 0 goes before deeper levels, and is not held up at all once writers wait for it. */
  private Urgency urgency(CompactionPlan plan) {
    if (plan.level() > 0) {
      return Urgency.DEEPER;
    }
    int slow = WritePressure.level0Start(options.l0CompactionTrigger(), options.l0StopTrigger());
    return tree.state().tables().version().level(0).size() >= slow
        ? Urgency.AT_ONCE
        : Urgency.LEVEL0;
  }

  private void commit(CompactionPlan plan, long floor, List<TableMetadata> outputs)
      throws IOException {
    List<VersionEdit.Removed> removed = new ArrayList<>();
    plan.upper().forEach(t -> removed.add(new VersionEdit.Removed(plan.level(), t.number())));
    plan.lower().forEach(t -> removed.add(new VersionEdit.Removed(plan.outputLevel(), t.number())));
    versions.commit(
        before ->
            new VersionEdit(
                0,
                before.logNumber(),
                before.position(),
                Math.max(before.garbageFloor(), floor),
                removed,
                outputs.stream()
                    .map(table -> new VersionEdit.Added(plan.outputLevel(), table))
                    .toList()),
        install);
    completed.incrementAndGet();
    lock.lock();
    try {
      failures.succeeded(plan);
    } finally {
      lock.unlock();
    }
  }
}
