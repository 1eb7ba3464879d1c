package org.ferrisdb.storage;

import java.util.function.BooleanSupplier;
import org.ferrisdb.storage.flow.MemtableBudget;
import org.ferrisdb.storage.flow.WritePacer;
import org.ferrisdb.storage.flow.WritePressure;
import org.ferrisdb.storage.memtable.Memtable;
import org.ferrisdb.storage.metrics.EngineMetrics;
import org.ferrisdb.storage.metrics.StallReason;
import org.jspecify.annotations.Nullable;

/**
 * Slows the writers of an engine down as it comes near its limits, and stops them there: two
 * memtables that wait for their flush while a third is full, too many tables in level 0, or all
 * engines' memtables together at their limit. Only for who has the turn to write.
 */
final class WriteThrottle {
  /** Memtables that may wait for their flush. */
  private static final int MAX_FROZEN = 2;

  private final StorageOptions options;
  private final StorageResources resources;
  private final Tree tree;
  private final BackgroundWork background;
  private final MemtableShare memory;
  private final EngineMetrics metrics;
  private final MemtableBudget budget;
  private final WritePacer pacer;

  WriteThrottle(
      StorageOptions options,
      StorageResources resources,
      Tree tree,
      BackgroundWork background,
      MemtableShare memory,
      EngineMetrics metrics) {
    this.options = options;
    this.resources = resources;
    this.tree = tree;
    this.background = background;
    this.memory = memory;
    this.metrics = metrics;
    this.budget = resources.memtables();
    this.pacer = new WritePacer(resources.ticker(), metrics.stalls());
  }

  /** Waits a little, if it is time to, before that many bytes are written. */
  void pace(long bytes) {
    ReadState state = tree.state();
    int level0 = state.tables().version().level(0).size();
    int immutable = state.frozen().size();
    double fill = Math.min(1, (double) state.active().memtable.bytes() / options.memtableBytes());
    double ofLevel0 =
        WritePressure.level0(level0, fill, options.l0CompactionTrigger(), options.l0StopTrigger());
    double ofMemtables = WritePressure.immutableMemtables(immutable, fill, MAX_FROZEN);
    double ofBudget = budget.pressure();
    if (ofLevel0 <= 0 && ofMemtables <= 0 && ofBudget <= 0) {
      pacer.free();
      return;
    }
    double flushRate = metrics.flushRate().perSecond();
    double level0Rate = metrics.level0Rate().perSecond();
    double flushCost = WritePressure.nanosPerByte(Math.max(ofMemtables, ofBudget), flushRate);
    if (WritePressure.nanosPerByte(ofLevel0, level0Rate) > flushCost) {
      pacer.pace(bytes, StallReason.LEVEL0, ofLevel0, level0Rate);
    } else if (ofMemtables >= ofBudget) {
      pacer.pace(bytes, StallReason.IMMUTABLE_MEMTABLES, ofMemtables, flushRate);
    } else {
      pacer.pace(bytes, StallReason.MEMORY_BUDGET, ofBudget, flushRate);
    }
  }

  /**
   * Whether the active memtable holds all that it may; an empty one is not, however little it may.
   */
  boolean isFull() {
    Memtable active = tree.state().active().memtable;
    return active.isFull(options.memtableBytes()) && !active.isEmpty();
  }

  /** Whether nothing more may be written before something is flushed or compacted. */
  boolean mustStop() {
    return overflows() || (isFull() && tooManyWait()) || budget.full();
  }

  /** Whether freezing for others' sake has gone beyond what level 0 may hold. */
  private boolean overflows() {
    return level0() >= options.l0StopTrigger() + MAX_FROZEN;
  }

  private int level0() {
    return tree.state().tables().version().level(0).size();
  }

  /** Whether a full memtable can not be frozen yet. */
  boolean tooManyWait() {
    return manyFrozen() || manyTables();
  }

  private boolean manyFrozen() {
    return tree.state().frozen().size() >= MAX_FROZEN;
  }

  private boolean manyTables() {
    return level0() >= options.l0StopTrigger();
  }

  /**
   * Waits until there is room, or until the active memtable is to be frozen for others' sake.
   *
   * @param check throws if the engine takes no writes any more
   * @throws StorageException if what is waited for is failing
   */
  void awaitRoom(Runnable check) {
    if (!resources.retriesByItself()) {
      retryWhatFailed();
    }
    if (!mustWait(check)) {
      return;
    }
    long start = resources.ticker().nanos();
    budget.waitBegins();
    try {
      tree.await(() -> mustWait(check));
    } finally {
      budget.waitEnds();
      metrics.stalls().add(StallReason.STOPPED, resources.ticker().nanos() - start);
    }
  }

  private void retryWhatFailed() {
    if (background.error() != null) {
      background.scheduleFlush();
      background.compactions().schedule();
      BooleanSupplier help = resources.help();
      while (help != null && background.error() != null && help.getAsBoolean()) {
        // Until it has succeeded, or failed again with nothing left to do.
      }
    }
    if (budget.full()) {
      budget.retryFlushes();
    }
  }

  private boolean mustWait(Runnable check) {
    check.run();
    if (memory.freezeWanted()) {
      return false;
    }
    boolean stuck = overflows() || (isFull() && tooManyWait());
    if (stuck) {
      StorageException error = manyFrozen() ? background.flushError() : background.error();
      if (error != null) {
        throw error;
      }
    }
    return stuck || (!canFreeze() && waitsForMemory());
  }

  /** A full memtable is frozen before anybody waits for memory: its flush gives some back. */
  private boolean canFreeze() {
    return isFull() && !tooManyWait();
  }

  private boolean waitsForMemory() {
    if (!budget.full()) {
      return false;
    }
    @Nullable StorageException error = budget.hopeless();
    if (error != null) {
      throw new StorageException.IoFailure(
          "the memtables of all engines hold "
              + budget.held()
              + " bytes of "
              + budget.limit()
              + ", and flushing them fails: "
              + error.getMessage(),
          error);
    }
    return true;
  }
}
