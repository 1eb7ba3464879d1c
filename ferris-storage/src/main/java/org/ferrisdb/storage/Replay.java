package org.ferrisdb.storage;

import org.ferrisdb.storage.ReadState.Slot;
import org.ferrisdb.storage.flow.Ticker;
import org.ferrisdb.storage.io.ByteSource;
import org.ferrisdb.storage.memtable.ReplayMemtable;
import org.ferrisdb.storage.wal.BatchRecord;

/**
 * What recovery does with the batches of WAL files: gathers them in memtables, and flushes these to
 * tables in the background while it reads on. Nothing of it is visible or counts as flushed before
 * the end: until then the manifest keeps the number of the first file, and a crash only means that
 * all is replayed again.
 *
 * <p>One thread.
 */
final class Replay {
  /** So many memtables may wait for their flush, as with an open engine. */
  private static final int MAX_FROZEN = 2;

  private final StorageOptions options;
  private final VersionSet versions;
  private final Tree tree;
  private final BackgroundWork background;
  private final MemtableShare memory;
  private final Ticker ticker;
  private final long firstLog;

  private Slot slot;
  private ReplayMemtable memtable = new ReplayMemtable();
  private long sequence;

  Replay(
      StorageOptions options,
      VersionSet versions,
      Tree tree,
      BackgroundWork background,
      MemtableShare memory,
      Ticker ticker) {
    this.options = options;
    this.versions = versions;
    this.tree = tree;
    this.background = background;
    this.memory = memory;
    this.ticker = ticker;
    this.firstLog = versions.state().logNumber();
    this.slot = new Slot(memtable, firstLog, versions.state().position());
    tree.replaceEmpty(slot);
  }

  /** Takes a batch, the payload of a WAL record; its array must not change any more. */
  void add(ByteSource payload) {
    if (memtable.isFull(options.memtableBytes())) {
      nextMemtable();
    }
    long batch = ++sequence;
    ReplayMemtable into = memtable;
    AppliedPosition position =
        BatchRecord.read(
            payload,
            (array, key, keyLength, timestamp, kind, value, valueLength) ->
                into.add(array, key, keyLength, timestamp, batch, kind, value, valueLength),
            range -> into.addRange(range, batch));
    memory.written();
    if (position.compareTo(slot.position) > 0) {
      slot.position = position;
    }
  }

  private void nextMemtable() {
    awaitFlushes(MAX_FROZEN);
    memtable = new ReplayMemtable();
    slot = new Slot(memtable, firstLog, slot.position);
    freeze(slot);
    background.scheduleFlush();
  }

  /** Returns once all is in tables, and the WAL files are obsolete by that. */
  void finish() {
    Slot first = new Slot(options.memtable().create(), versions.newFileNumber(), slot.position);
    freeze(first);
    awaitFlushes(1);
  }

  private void freeze(Slot fresh) {
    tree.state().active().frozenNanos = ticker.nanos();
    tree.freeze(fresh);
    memory.frozen();
  }

  /** Waits until fewer memtables wait for their flush; throws if flushing fails. */
  private void awaitFlushes(int limit) {
    long failedBefore = background.failedFlushes();
    background.scheduleFlush();
    tree.await(() -> {
      StorageException error = background.flushError();
      if (error != null && background.failedFlushes() > failedBefore) {
        throw CommitPipeline.copyForThisThread(error);
      }
      return tree.state().frozen().size() >= limit;
    });
  }
}
