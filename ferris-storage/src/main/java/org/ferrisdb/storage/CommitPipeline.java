package org.ferrisdb.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.ferrisdb.storage.ReadState.Slot;
import org.ferrisdb.storage.io.ByteSink;
import org.ferrisdb.storage.key.Limits;
import org.ferrisdb.storage.key.RangeTombstone;
import org.ferrisdb.storage.memtable.Memtable;
import org.ferrisdb.storage.metrics.EngineMetrics;
import org.ferrisdb.storage.wal.BatchRecord;
import org.ferrisdb.storage.wal.RecordWriter;
import org.jspecify.annotations.Nullable;

/**
 * The way of a batch: room in the memtable, WAL record and sync (in {@link Durability#WAL}),
 * memtable, visible to readers.
 *
 * <p><b>Group commit.</b> Writers put their batch into a queue and try to get the turn. Whoever has
 * it takes the whole queue, writes it with one sync and applies it; the others sleep until their
 * batch is done, or until they are woken to lead the next group. While one sync runs, the next
 * group gathers.
 *
 * <p><b>When the WAL fails</b>, nobody knows what of the group is in the file, and it must not come
 * back later by surprise. So no batch is accepted any more until everything acknowledged has been
 * flushed to tables: then the file is obsolete, and a new one begins. The writers of the group that
 * failed are told so; to them the outcome is unknown if the process dies before that flush.
 */
final class CommitPipeline {
  private static final int GROUP_BYTES = 4 << 20;

  /** A buffer that a large batch has made larger is not kept for small ones. */
  private static final int KEEP_BUFFER_BYTES = 1 << 20;

  private final Path directory;
  private final StorageOptions options;
  private final StorageResources resources;
  private final VersionSet versions;
  private final WalFiles wal;
  private final Tree tree;
  private final BackgroundWork background;
  private final MemtableShare memory;
  private final EngineMetrics metrics;
  private final WriteThrottle throttle;

  /** Made beforehand, for when there is no memory to make any. */
  private final StorageException broken =
      new StorageException.IoFailure(
          "a write broke off; the engine must be reopened",
          new IOException("no memory to say more"));

  /** The same, for a WAL file of which is not known whether it has its end. */
  private final StorageException unended =
      new StorageException.IoFailure(
          "a WAL file could not be ended; writes are refused until its memtable has been flushed",
          new IOException("no memory to say more"));

  private final ConcurrentLinkedQueue<Pending> queue = new ConcurrentLinkedQueue<>();

  /** The turn to write; guards everything below. */
  private final ReentrantLock turn = new ReentrantLock();

  /** Those whose batches are being committed; empty between the turns. */
  private final List<Pending> group = new ArrayList<>();

  private ByteSink payload = new ByteSink(4 << 10);
  private long sequence;
  private volatile @Nullable StorageException walError; // set as long as the WAL is broken
  private volatile @Nullable StorageException poison; // why nothing may be written any more
  private volatile boolean closed;

  /** In WAL mode: of the newest batch that is durable. */
  private volatile AppliedPosition syncedPosition;

  /** A batch on its way; written by who has the turn, read by its writer once it is done. */
  private static final class Pending {
    final WriteBatch batch;
    final boolean sync;
    final Thread writer = Thread.currentThread();
    volatile boolean done;
    @Nullable StorageException failure;

    Pending(WriteBatch batch, boolean sync) {
      this.batch = batch;
      this.sync = sync;
    }
  }

  CommitPipeline(
      Path directory,
      StorageOptions options,
      StorageResources resources,
      VersionSet versions,
      WalFiles wal,
      Tree tree,
      BackgroundWork background,
      MemtableShare memory,
      EngineMetrics metrics) {
    this.directory = directory;
    this.options = options;
    this.resources = resources;
    this.versions = versions;
    this.wal = wal;
    this.tree = tree;
    this.background = background;
    this.memory = memory;
    this.metrics = metrics;
    this.throttle = new WriteThrottle(options, resources, tree, background, memory, metrics);
    this.syncedPosition = versions.state().position();
  }

  /** In WAL mode: up to where everything survives a power loss, in the log or in tables. */
  AppliedPosition syncedPosition() {
    AppliedPosition flushed = versions.state().position();
    AppliedPosition synced = syncedPosition;
    return synced.compareTo(flushed) > 0 ? synced : flushed;
  }

  /** Why batches are refused at the moment because of the WAL; null if they are not. */
  @Nullable StorageException refusal() {
    return tree.state().frozen().isEmpty() ? null : walError;
  }

  /**
   * Commits a valid batch; returns once it is visible, and as durable as the mode says.
   *
   * @param sync whether a WAL is to be synced before the return
   */
  void commit(WriteBatch batch, boolean sync) {
    Pending mine = new Pending(batch, sync);
    boolean interrupted = false;
    if (queue.isEmpty() && turn.tryLock()) {
      // Nobody is before this writer, and whoever comes now waits in the queue for its turn.
      try {
        commitGroup(mine);
      } finally {
        passTurn();
      }
    } else {
      queue.add(mine);
    }
    while (!mine.done) {
      if (turn.tryLock()) {
        try {
          if (!mine.done) {
            commitGroup(null);
          }
        } finally {
          passTurn();
        }
      } else {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    StorageException failure = mine.failure;
    if (failure != null) {
      throw copyForThisThread(failure);
    }
  }

  /**
   * Gives the turn up and wakes a writer that found it taken. No wake-up is lost: a writer queues
   * first and tries second, so one that was turned away is in the queue by now. The same holds for
   * requests to freeze, see {@link MemtableShare}.
   */
  private void passTurn() {
    turn.unlock();
    Pending next = queue.peek();
    if (next != null) {
      LockSupport.unpark(next.writer);
    }
    memory.written();
    if (memory.freezeWanted()) {
      freezeIfWanted();
    }
  }

  /** Many threads may get the same failure; each throws an exception with its own stack. */
  static StorageException copyForThisThread(StorageException failure) {
    return switch (failure) {
      case StorageException.IoFailure io ->
          new StorageException.IoFailure(String.valueOf(io.getMessage()), io);
      default -> failure;
    };
  }

  /** Commits this one and what is in the queue. */
  private void commitGroup(@Nullable Pending first) {
    boolean known = false; // whether each of the group knows what came of it
    try {
      long bytes = takeGroup(first);
      requireOpen();
      makeRoom(bytes);
      refuseOldPositions();
      boolean synced = options.durability() == Durability.WAL && log();
      apply();
      if (synced) {
        syncedPosition = tree.state().active().position;
      }
      known = true;
    } catch (StorageException e) {
      for (Pending pending : group) {
        pending.failure = e;
      }
      known = true;
    } catch (RuntimeException | Error e) {
      // Half a batch may be in the memtable: nothing more may become visible or be flushed.
      poison =
          new StorageException.IoFailure(
              directory + ": a write broke off (" + e + "); the engine must be reopened", e);
      memory.refuse();
      for (Pending pending : group) {
        pending.failure = poison;
      }
      known = true;
      throw e;
    } finally {
      if (!known) { // there was no memory for so much as a message
        poison = broken;
      }
      for (Pending pending : group) {
        pending.failure = known ? pending.failure : broken;
        finish(pending);
      }
      group.clear();
    }
  }

  private static void finish(Pending pending) {
    pending.done = true;
    if (pending.writer != Thread.currentThread()) { // else its next park would return at once
      LockSupport.unpark(pending.writer);
    }
  }

  /** Fills the group from the queue; returns the bytes of its batches. */
  private long takeGroup(@Nullable Pending first) {
    long bytes = 0;
    int ranges = 0;
    Pending next = first != null ? first : queue.peek();
    while (next != null) {
      group.add(next); // and then out of the queue: who is in neither would wait for ever
      if (next != first) {
        queue.poll();
      }
      bytes += next.batch.bytes();
      ranges += next.batch.ranges().size();
      boolean enough = bytes >= GROUP_BYTES || ranges >= Limits.BATCH_RANGES;
      next = enough ? null : queue.peek();
    }
    return bytes;
  }

  private void requireOpen() {
    if (closed) {
      throw new StorageException.Closed(directory + ": the engine is closed");
    }
    StorageException broken = poison;
    if (broken != null) {
      throw broken;
    }
  }

  /** In EXTERNAL_LOG mode positions must rise, or a replayed entry would be applied twice. */
  private void refuseOldPositions() {
    if (options.durability() != Durability.EXTERNAL_LOG) {
      return;
    }
    AppliedPosition newest = tree.state().active().position;
    for (Iterator<Pending> rest = group.iterator(); rest.hasNext(); ) {
      Pending pending = rest.next();
      AppliedPosition position = pending.batch.position();
      if (position.compareTo(newest) <= 0) {
        pending.failure = oldPosition(position, newest);
        finish(pending);
        rest.remove();
      } else {
        newest = position;
      }
    }
  }

  private StorageException.Refused oldPosition(AppliedPosition position, AppliedPosition newest) {
    return new StorageException.Refused(
        directory
            + ": batch at "
            + position
            + " is not after "
            + newest
            + "; in EXTERNAL_LOG mode every batch needs the position of its log entry");
  }

  /** Returns whether it was synced, and with it all that was written before. */
  private boolean log() {
    try {
      boolean sync = false;
      for (Pending pending : group) {
        sync |= pending.sync;
      }
      long start = resources.ticker().nanos();
      RecordWriter log = wal.open();
      if (sync) {
        wal.link();
      }
      for (Pending pending : group) {
        payload.reset();
        BatchRecord.encode(pending.batch, payload);
        log.add(payload);
      }
      if (payload.array().length > KEEP_BUFFER_BYTES) {
        payload = new ByteSink(4 << 10);
      }
      if (sync) {
        log.sync();
        wal.written(true);
        long nanos = resources.ticker().nanos() - start;
        metrics.walSync().record(nanos);
        resources.walSync().record(nanos);
      } else {
        log.write();
        wal.written(false);
      }
      return sync;
    } catch (IOException e) {
      StorageException.IoFailure failure = walFailure(e);
      if (wal.isOpen()) {
        wal.giveUp();
        walError = failure;
        freeze();
      }
      throw failure;
    }
  }

  private StorageException.IoFailure walFailure(IOException e) {
    return new StorageException.IoFailure(
        directory
            + ": the WAL can not be written ("
            + e.getMessage()
            + "); writes are refused until the memtable has been flushed; if the disk is full,"
            + " free some space",
        e);
  }

  private void apply() {
    for (Pending pending : group) {
      applyToMemtable(pending.batch);
    }
    tree.publish(sequence);
  }

  private void applyToMemtable(WriteBatch batch) {
    Slot slot = tree.state().active();
    Memtable memtable = slot.memtable;
    sequence++;
    long bytes = 0;
    for (RangeTombstone range : batch.ranges()) {
      bytes += range.from().length + range.to().length;
      memtable.addRange(range, sequence);
    }
    for (WriteBatch.Op op : batch.ops()) {
      bytes += op.key().length + op.value().length;
      memtable.add(op.key(), op.timestamp(), sequence, op.kind(), op.value());
    }
    metrics.written(bytes);
    if (batch.position().compareTo(slot.position) > 0) {
      slot.position = batch.position();
    }
  }

  // ---- room

  private void makeRoom(long bytes) {
    if (walError == null && wal.isBroken()) {
      walError = unended;
    }
    if (walError != null) {
      repairLog();
    }
    throttle.pace(bytes);
    while (memory.freezeWanted() || throttle.isFull() || throttle.mustStop()) {
      if (memory.freezeWanted()) {
        freezeOnRequest();
      } else if (throttle.isFull() && !throttle.tooManyWait()) {
        freeze();
      } else {
        throttle.awaitRoom(this::requireOpen);
      }
    }
    if (walError != null) { // the WAL could not be ended: no other before its memtable is flushed
      repairLog();
    }
  }

  /** Freezes what the budget of all engines wants flushed, unless a writer is about to. */
  private void freezeIfWanted() {
    if (memory.freezeWanted() && turn.tryLock()) {
      try {
        freezeOnRequest();
      } finally {
        passTurn();
      }
    }
  }

  private void freezeOnRequest() {
    memory.clearRequest();
    if (closed || poison != null) {
      memory.refuse();
    } else if (tree.state().active().memtable.isEmpty()) {
      memory.frozen(); // nothing to freeze: the budget must not count on it
    } else {
      freeze();
    }
  }

  private void repairLog() {
    if (!tree.state().active().memtable.isEmpty()) {
      freeze(); // an error has kept it from being frozen
    }
    if (!tree.state().frozen().isEmpty() && !resources.retriesByItself()) {
      background.scheduleFlush();
    }
    if (!tree.state().frozen().isEmpty()) {
      StorageException error = background.flushError();
      throw error != null ? error : Objects.requireNonNull(walError);
    }
    walError = null;
    wal.beginAnew();
  }

  private void freeze() {
    try {
      if (wal.end()) {
        syncedPosition = tree.state().active().position;
      }
    } catch (IOException | RuntimeException | Error e) {
      // A reader would miss its end: it must be obsolete before the next.
      walError = walFailure(e instanceof IOException io ? io : new IOException(e.toString(), e));
    }
    AppliedPosition position = tree.state().active().position;
    tree.state().active().frozenNanos = resources.ticker().nanos();
    tree.freeze(new Slot(options.memtable().create(), versions.newFileNumber(), position));
    memory.frozen();
    background.scheduleFlush();
  }

  // ---- what is not writing

  /** Ends opening: from now on memory can be asked back. */
  void opened() {
    memory.open(this::freezeIfWanted, background::scheduleFlush);
  }

  /** Flushes everything written before the call; returns the durable position. */
  AppliedPosition flush() {
    Slot target = freezeForFlush();
    if (target != null) {
      awaitFlush(target);
    }
    return versions.state().position();
  }

  private void awaitFlush(Slot target) {
    long failedBefore = background.failedFlushes();
    background.scheduleFlush();
    tree.await(() -> isPending(target, failedBefore));
  }

  private @Nullable Slot freezeForFlush() {
    turn.lock();
    try {
      requireOpen();
      Slot active = tree.state().active();
      boolean moved = active.position.compareTo(newestFrozenPosition()) > 0;
      if (moved || !active.memtable.isEmpty()) {
        freeze();
      }
      List<Slot> frozen = tree.state().frozen();
      return frozen.isEmpty() ? null : frozen.getFirst();
    } finally {
      passTurn();
    }
  }

  /** Something that changes tables, and not by a flush. */
  interface Change {
    void run() throws IOException;
  }

  /**
   * Runs a change of tables as if it were a batch: after it come only later batches, and all
   * earlier ones are in tables already.
   *
   * @param position of the change, which it makes durable
   */
  void betweenBatches(AppliedPosition position, Change change) {
    turn.lock();
    try {
      requireOpen();
      AppliedPosition newest = tree.state().active().position;
      if (options.durability() == Durability.EXTERNAL_LOG && position.compareTo(newest) <= 0) {
        throw oldPosition(position, newest);
      }
      if (!tree.state().active().memtable.isEmpty()) {
        freeze();
      }
      List<Slot> frozen = tree.state().frozen();
      if (!frozen.isEmpty()) {
        awaitFlush(frozen.getFirst());
      }
      change.run();
      if (position.compareTo(newest) > 0) {
        tree.state().active().position = position;
      }
    } catch (IOException e) {
      throw new StorageException.IoFailure(
          directory + ": the tables could not be changed (" + e.getMessage() + ")", e);
    } finally {
      passTurn();
    }
  }

  private AppliedPosition newestFrozenPosition() {
    List<Slot> frozen = tree.state().frozen();
    return frozen.isEmpty() ? versions.state().position() : frozen.getFirst().position;
  }

  private boolean isPending(Slot target, long failedBefore) {
    if (!tree.state().frozen().contains(target)) {
      return false;
    }
    requireOpen();
    StorageException error = background.flushError();
    if (error != null && background.failedFlushes() > failedBefore) {
      throw copyForThisThread(error);
    }
    return true;
  }

  /**
   * Refuses further batches, waits for the one in progress, and closes the WAL properly.
   *
   * @throws StorageException.IoFailure if batches that were written without a sync may be lost; all
   *     is closed nevertheless
   */
  void close() {
    closed = true;
    memory.refuse();
    tree.signal();
    turn.lock();
    try {
      ReadState state = tree.state();
      if (wal.isBroken() && state.frozen().isEmpty() && state.active().memtable.isEmpty()) {
        wal.beginAnew(); // what was given up is in tables
      }
      wal.close(poison != null);
    } catch (WalFiles.UnsyncedException e) {
      throw new StorageException.IoFailure(
          directory + ": closed, but its WAL could not be synced (" + e.getMessage() + ")", e);
    } finally {
      passTurn();
    }
  }
}
