package org.ferrisdb.storage;

import org.ferrisdb.storage.ReadState.Slot;
import org.ferrisdb.storage.flow.MemtableBudget;
import org.jspecify.annotations.Nullable;

/**
 * An engine's share of the memtables of its process: says what it holds, and takes the request to
 * flush before it is full. Safe for many threads.
 *
 * <p>The request is a flag and a task on the flush threads. The task only tries to get the turn to
 * write: had it to wait for a writer that waits for a flush, they might wait for each other. If a
 * writer has the turn, it sees the flag when it gives the turn up, or while it waits for room. The
 * flag is set before the task tries, and looked at after the turn is given up: so one of the two
 * sees the other.
 */
final class MemtableShare implements MemtableBudget.Engine {
  private final Tree tree;
  private final StorageResources resources;
  private final MemtableBudget.Account account;
  private volatile boolean freezeWanted;
  private volatile boolean broken;
  private volatile @Nullable StorageException flushError;
  private volatile @Nullable Runnable freeze; // null as long as nothing may be frozen from outside
  private volatile @Nullable Runnable flush;

  @SuppressWarnings("this-escape") // the budget asks nothing that is not set by now
  MemtableShare(Tree tree, StorageResources resources) {
    this.tree = tree;
    this.resources = resources;
    this.account = resources.memtables().register(this);
  }

  /**
   * From now on the engine can be asked to freeze; before, its WAL is being replayed.
   *
   * @param tryFreeze freezes if the turn to write is free
   * @param scheduleFlush has frozen memtables flushed
   */
  void open(Runnable tryFreeze, Runnable scheduleFlush) {
    this.flush = scheduleFlush;
    this.freeze = tryFreeze;
    account.report();
  }

  /** Nothing may be frozen any more: the engine is broken or closing. */
  void refuse() {
    broken = true;
    freeze = null;
    freezeWanted = false;
    account.report();
  }

  /** Whether the active memtable is to be flushed although it is not full. */
  boolean freezeWanted() {
    return freezeWanted;
  }

  /** The request was heard. */
  void clearRequest() {
    freezeWanted = false;
  }

  /** Something was written. */
  void written() {
    account.written(tree.state().active().memtable.bytes());
  }

  /** A memtable was frozen. */
  void frozen() {
    account.report();
  }

  /**
   * A flush has ended.
   *
   * @param error why it failed, null if it did not
   */
  void flushed(@Nullable StorageException error) {
    flushError = error;
    account.report();
  }

  /** Gives everything back. */
  void close() {
    account.close();
  }

  @Override
  public MemtableBudget.Usage usage() {
    ReadState state = tree.state();
    long frozen = 0;
    for (Slot slot : state.frozen()) {
      frozen += slot.memtable.bytes();
    }
    // What a broken engine holds nobody can have back before it is closed: others do not wait for
    // it.
    boolean none = broken || state.active().memtable.isEmpty();
    long active = none ? 0 : state.active().memtable.bytes();
    return freezeWanted
        ? new MemtableBudget.Usage(0, active + frozen, false, flushError)
        : new MemtableBudget.Usage(active, frozen, freeze != null, flushError);
  }

  @Override
  public void freezeSoon() {
    Runnable task = freeze;
    if (task == null) {
      return;
    }
    freezeWanted = true;
    tree.signal();
    try {
      resources.runFlush(task);
    } catch (StorageException.Closed e) {
      freeze = null; // the process ends, and with it the need
      freezeWanted = false;
    }
  }

  @Override
  public void roomAgain() {
    tree.signal();
  }

  @Override
  public void retryFlush() {
    Runnable task = flush;
    if (task != null) {
      task.run();
    }
  }
}
