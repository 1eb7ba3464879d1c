package org.ferrisdb.shard.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.ferrisdb.raft.AppliedEntry;
import org.ferrisdb.raft.RaftPosition;
import org.ferrisdb.shard.ShardRequests.Mutation;
import org.ferrisdb.shard.StateDigest;
import org.ferrisdb.shard.log.EntryChain;
import org.ferrisdb.shard.log.LogEntryFrame;
import org.ferrisdb.shard.map.ShardDescriptor;
import org.ferrisdb.shard.state.EntryBody.Command;
import org.ferrisdb.storage.AppliedPosition;
import org.ferrisdb.storage.EngineStats;
import org.ferrisdb.storage.EntryCursor;
import org.ferrisdb.storage.StorageEngine;
import org.ferrisdb.storage.StorageEngine.Direction;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.StorageOptions;
import org.ferrisdb.storage.StorageResources;
import org.ferrisdb.storage.Versioned;
import org.ferrisdb.storage.WriteBatch;
import org.ferrisdb.storage.io.FileSystem;
import org.jspecify.annotations.Nullable;

/**
 * The replicated state of a shard on this node.
 *
 * <p>{@link #open}, {@link #apply}, {@link #advance}, {@link #flush} and {@link #install} come from
 * one thread at a time; everything that only looks may come from any.
 */
public final class ShardState implements AutoCloseable {
  private static final long NEWEST = Long.MAX_VALUE;

  /** Dead outcome records deleted by one entry at most: they are never urgent. */
  private static final int DELETES_PER_ENTRY = 64;

  private final ShardStore store;

  /** Held while an entry changes the state, so that {@link #digest} sees it between two entries. */
  private final ReentrantLock entryLock = new ReentrantLock();

  private volatile OutcomeTable outcomes = new OutcomeTable();
  private EntryChain chain = new EntryChain();
  private RaftPosition applied = RaftPosition.NONE;
  private volatile long appliedIndex;
  private volatile long newestTimestamp;
  private volatile long garbageFloor;
  private volatile @Nullable ShardDescriptor descriptor;

  /** An entry failed half-way: chain and table in memory may be ahead of the engine. */
  private volatile boolean broken;

  /** A state that is to be opened. */
  public ShardState(
      FileSystem files, Path directory, StorageOptions options, StorageResources resources) {
    this.store = new ShardStore(files, directory, options, resources);
  }

  /** Opens what is on disk; returns the position from which the log must be replayed. */
  public RaftPosition open() {
    return load(store.open());
  }

  private RaftPosition load(StorageEngine engine) {
    entryLock.lock();
    try {
      return loadLocked(engine);
    } finally {
      entryLock.unlock();
    }
  }

  private RaftPosition loadLocked(StorageEngine engine) {
    chain = new EntryChain();
    newestTimestamp = 0;
    garbageFloor = 0;
    Versioned record = live(engine.get(StateKeys.APPLIED, NEWEST));
    if (record != null) {
      AppliedRecord read = AppliedRecord.decode(record.value());
      chain = EntryChain.restore(read.chain());
      newestTimestamp = read.newestTimestamp();
      garbageFloor = read.garbageFloor();
      engine.raiseGarbageFloor(garbageFloor);
    }
    Versioned saved = live(engine.get(StateKeys.DESCRIPTOR, NEWEST));
    descriptor =
        saved == null ? null : EntryBodyCodec.decodeDescriptor(ByteBuffer.wrap(saved.value()));
    OutcomeTable table = new OutcomeTable();
    try (EntryCursor cursor =
        engine.cursor(
            StateKeys.OUTCOMES_START, StateKeys.OUTCOMES_END, NEWEST, Direction.FORWARD)) {
      while (cursor.next()) {
        table.load(StateKeys.outcomesIndex(cursor.key()), cursor.value());
      }
    }
    table.advance(newestTimestamp);
    outcomes = table;
    AppliedPosition position = engine.appliedPosition();
    applied = new RaftPosition(position.term(), position.index());
    appliedIndex = applied.index();
    broken = false;
    return applied;
  }

  /** What is written down must be what one position stands for, or a restart goes wrong. */
  private void requireWhole() {
    if (broken) {
      throw new IllegalStateException("an entry failed to apply; the state must be opened again");
    }
  }

  private static @Nullable Versioned live(@Nullable Versioned version) {
    return version == null || version.isTombstone() ? null : version;
  }

  /** What became of an entry. */
  public enum Result {
    /** It had been applied before. */
    REPLAYED,
    /** The chain rejected it; nothing changed. */
    REJECTED,
    /** It is part of the state now. */
    ACCEPTED
  }

  /**
   * Applies an entry.
   *
   * <p>After an exception nothing more is applied or flushed until {@link #open} or {@link
   * #install}.
   *
   * @param frame the entry's payload, decoded
   */
  public Result apply(AppliedEntry entry, LogEntryFrame frame) {
    requireWhole();
    if (entry.index() <= appliedIndex) {
      return Result.REPLAYED;
    }
    entryLock.lock();
    try {
      return applyNew(entry, frame);
    } catch (RuntimeException | Error e) {
      broken = true;
      throw e;
    } finally {
      entryLock.unlock();
    }
  }

  private Result applyNew(AppliedEntry entry, LogEntryFrame frame) {
    RaftPosition position = new RaftPosition(entry.term(), entry.index());
    if (!chain.accept(entry.term(), frame)) {
      reached(position);
      return Result.REJECTED;
    }
    WriteBatch batch = new WriteBatch();
    long newest = newestTimestamp;
    long floor = garbageFloor;
    List<Command> commands = List.of();
    if (frame.kind() != LogEntryFrame.NO_OP) {
      switch (EntryBodyCodec.decode(frame.kind(), frame.body())) {
        case EntryBody.Writes writes -> {
          commands = notExpired(writes.commands());
          batch = writeVersions(commands);
          newest = commands.isEmpty() ? newest : Math.max(newest, commands.getLast().timestamp());
        }
        case EntryBody.Descriptor d -> putDescriptor(batch, position, d.descriptor());
        case EntryBody.GarbageFloor f -> {
          newest = Math.max(newest, f.now());
          floor = Math.max(floor, f.floor());
        }
      }
    }
    finish(batch, position, commands, newest, floor);
    return Result.ACCEPTED;
  }

  /** Rule 10: a command whose commit timestamp lies behind its expiry is not applied. */
  private static List<Command> notExpired(List<Command> commands) {
    for (Command c : commands) {
      if (c.timestamp() > c.expiry()) {
        return commands.stream().filter(each -> each.timestamp() <= each.expiry()).toList();
      }
    }
    return commands;
  }

  /** A key may come more than once, at rising timestamps: each is a version of its own. */
  private static WriteBatch writeVersions(List<Command> commands) {
    WriteBatch batch = new WriteBatch();
    for (Command c : commands) {
      for (Mutation m : c.mutations()) {
        byte[] value = m.value();
        if (value == null) {
          batch.delete(StateKeys.user(m.key()), c.timestamp());
        } else {
          batch.put(StateKeys.user(m.key()), c.timestamp(), value);
        }
      }
    }
    return batch;
  }

  private void putDescriptor(WriteBatch batch, RaftPosition position, ShardDescriptor next) {
    ShardDescriptor now = descriptor;
    if (now == null || next.epoch() > now.epoch()) {
      batch.put(StateKeys.DESCRIPTOR, position.index(), EntryBodyCodec.encodeDescriptor(next));
      descriptor = next;
    }
  }

  private void finish(
      WriteBatch batch, RaftPosition position, List<Command> commands, long newest, long floor) {
    long index = position.index();
    if (!commands.isEmpty()) {
      batch.put(StateKeys.outcomes(index), index, outcomes.add(index, commands));
    }
    outcomes.advance(newest);
    for (long dead : outcomes.takeDeadRecords(DELETES_PER_ENTRY)) {
      if (dead != index) {
        batch.delete(StateKeys.outcomes(dead), index);
      }
    }
    AppliedRecord record = new AppliedRecord(chain.save(), newest, floor);
    batch.put(StateKeys.APPLIED, index, record.encode());
    store.engine().write(batch.at(new AppliedPosition(position.term(), index)));
    newestTimestamp = newest;
    if (floor > garbageFloor) {
      // Published before anything may be dropped: a reader that finds it below its timestamp after
      // it has read has lost nothing.
      garbageFloor = floor;
      store.engine().raiseGarbageFloor(floor);
    }
    reached(position);
  }

  /** An entry that changes nothing here stands at this position. */
  public void advance(RaftPosition position) {
    requireWhole();
    if (position.index() > appliedIndex) {
      entryLock.lock();
      try {
        reached(position);
      } finally {
        entryLock.unlock();
      }
    }
  }

  private void reached(RaftPosition position) {
    applied = position;
    appliedIndex = position.index();
  }

  /** Makes everything applied durable; returns up to where. */
  public RaftPosition flush() {
    requireWhole();
    StorageEngine engine = store.engine();
    if (applied.index() > engine.appliedPosition().index()) {
      // Entries that wrote nothing came last. The log may be purged up to the position returned, so
      // that position must be what a restart finds: write it down.
      AppliedRecord record = new AppliedRecord(chain.save(), newestTimestamp, garbageFloor);
      engine.write(
          new WriteBatch()
              .put(StateKeys.APPLIED, applied.index(), record.encode())
              .at(new AppliedPosition(applied.term(), applied.index())));
    }
    AppliedPosition flushed = engine.flush();
    return new RaftPosition(flushed.term(), flushed.index());
  }

  /**
   * Writes a complete copy into a directory that does not exist; returns what it holds. Any thread.
   */
  public RaftPosition checkpoint(Path directory) {
    requireWhole();
    AppliedPosition position = store.checkpoint(directory);
    return new RaftPosition(position.term(), position.index());
  }

  /** See {@link ShardStore#markDamaged}. */
  public void markDamaged(String reason) throws IOException {
    store.markDamaged(reason);
  }

  /** What background work found corrupt; null if nothing, or if the state is not open. */
  public StorageException.@Nullable Corruption corruption() {
    return store.corruption();
  }

  /** Replaces everything by a checkpoint; returns its position. */
  public RaftPosition install(Path checkpoint) {
    return load(store.install(checkpoint));
  }

  /** The newest version of a user's key at or below the timestamp, tombstones included. */
  public @Nullable Versioned get(byte[] key, long timestamp) {
    return store.engine().get(StateKeys.user(key), timestamp);
  }

  /**
   * Live user keys of [from, to); empty bounds are open. Keys come as the engine has them: {@link
   * #userKey}.
   */
  public EntryCursor cursor(byte[] from, byte[] to, long timestamp, Direction direction) {
    byte[] start = from.length == 0 ? StateKeys.USER_START : StateKeys.user(from);
    byte[] end = to.length == 0 ? StateKeys.USER_END : StateKeys.user(to);
    return store.engine().cursor(start, end, timestamp, direction);
  }

  /** The user's key behind a cursor's. */
  public static byte[] userKey(byte[] engineKey) {
    return StateKeys.userKey(engineKey);
  }

  /** The exactly-once table. */
  public OutcomeTable outcomes() {
    return outcomes;
  }

  /** Raft index applied. */
  public long appliedIndex() {
    return appliedIndex;
  }

  /** The state's clock: the newest timestamp that the log has carried. */
  public long newestTimestamp() {
    return newestTimestamp;
  }

  /** Nobody may read below it: versions may be missing there. */
  public long garbageFloor() {
    return garbageFloor;
  }

  /** What the shard is, null before its first descriptor has applied. */
  public @Nullable ShardDescriptor descriptor() {
    return descriptor;
  }

  /** Figures of the engine. */
  public EngineStats stats() {
    return store.engine().stats();
  }

  /**
   * The digest over what {@link #describe} would tell, as of one applied index. Any thread. Reads
   * every key, but holds up entries only while it looks at the outcome table: keys are read at the
   * newest timestamp as of then, and entries that are applied meanwhile have later ones.
   */
  public StateDigest digest() {
    StateDigest.Builder sum = new StateDigest.Builder();
    long index;
    EntryCursor cursor;
    entryLock.lock();
    try {
      requireWhole();
      index = appliedIndex;
      sum.add(chain.save()).add(newestTimestamp).add(garbageFloor).add(describe(descriptor));
      outcomes.describe().forEach(sum::add);
      cursor = cursor(new byte[0], new byte[0], newestTimestamp, Direction.FORWARD);
    } finally {
      entryLock.unlock();
    }
    try (cursor) {
      while (cursor.next()) {
        sum.add(userKey(cursor.key())).add(cursor.timestamp()).add(cursor.value());
      }
    }
    return sum.at(index);
  }

  /**
   * The state as text, one fact a line, in an order of its own: equal on all replicas that have
   * applied the same entries. Reads everything: for tests and debugging, while nothing is applied.
   */
  public List<String> describe() {
    List<String> lines = new ArrayList<>();
    lines.add("chain term " + chain.term() + " number " + chain.last());
    lines.add("newest timestamp " + newestTimestamp + ", garbage floor " + garbageFloor);
    lines.add("descriptor " + describe(descriptor));
    lines.addAll(outcomes.describe());
    try (EntryCursor cursor = cursor(new byte[0], new byte[0], NEWEST, Direction.FORWARD)) {
      while (cursor.next()) {
        lines.add(
            text(userKey(cursor.key())) + " @" + cursor.timestamp() + " = " + text(cursor.value()));
      }
    }
    return lines;
  }

  private static String describe(@Nullable ShardDescriptor d) {
    return d == null
        ? "none"
        : String.format(
            "%s [%s, %s) epoch %d on %s",
            d.id(), text(d.range().start()), text(d.range().end()), d.epoch(), d.replicas());
  }

  private static String text(byte[] bytes) {
    StringBuilder out = new StringBuilder("'");
    for (byte b : bytes) {
      if (b >= ' ' && b < 127 && b != '\\' && b != '\'') {
        out.append((char) b);
      } else {
        out.append(String.format("\\x%02x", b));
      }
    }
    return out.append('\'').toString();
  }

  @Override
  public void close() {
    store.close();
  }
}
