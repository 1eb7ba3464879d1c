package org.ferrisdb.storage.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.ferrisdb.storage.AppliedPosition;
import org.ferrisdb.storage.Durability;
import org.ferrisdb.storage.StorageEngine;
import org.ferrisdb.storage.StorageEngine.Direction;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.StorageOptions;
import org.ferrisdb.storage.StorageResources;
import org.ferrisdb.storage.TableBuilder;
import org.ferrisdb.storage.WriteBatch;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.key.KeyRange;
import org.jspecify.annotations.Nullable;

/**
 * Runs a {@link RandomScript} against an engine, compares what it reads with the model, and keeps
 * account of what the engine has promised. One thread.
 */
public final class ScriptRun implements AutoCloseable {
  private final FileSystem files;
  private final Path home;
  private final RandomScript script;
  private final Supplier<StorageOptions> options;
  private final StorageResources resources;
  private final EngineModel model = new EngineModel();
  private final List<Copy> copies = new ArrayList<>();
  private @Nullable StorageEngine engine;
  private @Nullable Copy unfinished;
  private Durability durability = Durability.WAL;
  private int acknowledged;
  private long durable;
  private long floor;
  private int readyTables;
  private int retries;
  private Runnable beforeRetry = () -> {};
  private int failures;

  /**
   * A checkpoint.
   *
   * @param directory where it is
   * @param changes how many of the script's changes it holds
   * @param range of which keys
   */
  public record Copy(Path directory, int changes, KeyRange range) {}

  /**
   * What the engine has said by some moment of a run, which any of its threads may ask for.
   *
   * @param acknowledged changes that it has taken
   * @param durable changes that it has said are durable
   * @param floor see {@link ScriptRun#floor}
   * @param copies checkpoints that were made
   * @param unfinished the one that was being made
   * @param readyTables tables that were built to be ingested
   */
  public record State(
      int acknowledged,
      long durable,
      long floor,
      List<Copy> copies,
      @Nullable Copy unfinished,
      int readyTables) {}

  /**
   * A run that has not begun.
   *
   * @param home the engine's directory; checkpoints go beside it
   * @param options asked at each opening
   */
  public ScriptRun(
      FileSystem files,
      Path home,
      RandomScript script,
      Supplier<StorageOptions> options,
      StorageResources resources) {
    this.files = files;
    this.home = home;
    this.script = script;
    this.options = options;
    this.resources = resources;
  }

  /**
   * Each step that fails is tried again, so many times in all.
   *
   * @param meanwhile is done before that: what was under way may have to end first
   */
  public ScriptRun withRetries(int count, Runnable meanwhile) {
    retries = count;
    beforeRetry = meanwhile;
    return this;
  }

  // ---- what is known

  /** What the engine has said by now. */
  public State state() {
    StorageEngine open = engine;
    return new State(
        acknowledged,
        open == null ? durable : Math.max(durable, open.durablePosition().index()),
        floor,
        List.copyOf(copies),
        unfinished,
        readyTables);
  }

  /** A run that knows what another knew, and goes on with a copy of its disk. */
  public ScriptRun at(State state) {
    acknowledged = state.acknowledged();
    durable = state.durable();
    floor = state.floor();
    copies.addAll(state.copies());
    unfinished = state.unfinished();
    readyTables = state.readyTables();
    return this;
  }

  /** Changes that the engine has taken. */
  public int acknowledged() {
    return acknowledged;
  }

  /** Changes that the engine has said are durable. */
  public long durable() {
    return durable;
  }

  /** At timestamps below, reads may find less than was written. */
  public long floor() {
    return floor;
  }

  /** Checkpoints that were made. */
  public List<Copy> copies() {
    return copies;
  }

  /** The checkpoint that was being made when the run broke off. */
  public @Nullable Copy unfinished() {
    return unfinished;
  }

  /** Steps that failed and were tried again. */
  public int failures() {
    return failures;
  }

  /** The open engine. */
  public StorageEngine engine() {
    StorageEngine open = engine;
    if (open == null) {
      throw new IllegalStateException("the engine is not open");
    }
    return open;
  }

  // ---- the run

  /** Opens and runs all steps; what the engine throws breaks it off. The engine stays open. */
  public void run() {
    open();
    for (RandomScript.Step step : script.steps()) {
      withRetry(() -> execute(step));
      noteDurable();
    }
  }

  /** Runs until the end, closes, and returns why it broke off; null if it did not. */
  public @Nullable StorageException runAndClose() {
    StorageException failure = null;
    try {
      run();
      closeEngine();
    } catch (StorageException e) {
      failure = e;
    }
    close();
    return failure;
  }

  private void open() {
    StorageOptions drawn = options.get();
    durability = drawn.durability();
    withRetry(() -> engine = StorageEngine.open(files, home, drawn, resources));
  }

  private void withRetry(Runnable action) {
    while (true) {
      try {
        action.run();
        return;
      } catch (StorageException.IoFailure e) {
        if (retries == 0) {
          throw e;
        }
        retries--;
        failures++;
        beforeRetry.run();
      }
    }
  }

  private void execute(RandomScript.Step step) {
    switch (step) {
      case RandomScript.Step.Write(RandomScript.Change change, boolean synced) -> {
        write(acknowledged, synced);
        change.applyTo(model);
        acknowledged++;
      }
      case RandomScript.Step.Flush() -> {
        assertThat(engine().flush().index()).isEqualTo(acknowledged);
        durable = acknowledged;
      }
      case RandomScript.Step.Compact() -> {
        engine().compact();
        durable = acknowledged;
      }
      case RandomScript.Step.RaiseFloor(long timestamp) -> {
        floor = timestamp; // first: it may have been taken although the call fails
        engine().raiseGarbageFloor(timestamp);
      }
      case RandomScript.Step.Checkpoint(String name, KeyRange range) -> checkpoint(name, range);
      case RandomScript.Step.Reopen() -> reopen();
      case RandomScript.Step.Get(String key, long timestamp) ->
          assertThat(EngineModel.get(engine(), key, timestamp))
              .as("get %s at %d", key, timestamp)
              .isEqualTo(model.get(key, timestamp));
      case RandomScript.Step.Scan(String from, String to, long timestamp) -> {
        for (Direction direction : Direction.values()) {
          assertThat(EngineModel.scan(engine(), from, to, timestamp, direction))
              .as("%s scan [%s, %s) at %d", direction, from, to, timestamp)
              .isEqualTo(model.scan(from, to, timestamp, direction));
        }
      }
    }
  }

  private void write(int change, boolean synced) {
    perform(engine(), script.changes().get(change), synced);
  }

  /** Does to an engine what the change says. */
  public void perform(StorageEngine target, RandomScript.Change change, boolean synced) {
    switch (change) {
      case RandomScript.Change.Batch(WriteBatch batch) -> {
        if (synced) {
          target.write(batch);
        } else {
          target.writeUnsynced(batch);
        }
      }
      case RandomScript.Change.Excise(KeyRange range, AppliedPosition position) ->
          target.excise(range, position);
      case RandomScript.Change.Ingest(WriteBatch content, int keysOfTable) ->
          ingest(target, content, keysOfTable);
    }
  }

  private void ingest(StorageEngine target, WriteBatch content, int keysOfTable) {
    List<Path> tables = new ArrayList<>();
    for (int from = 0; from < content.ops().size(); from += keysOfTable) {
      Path table = home.resolveSibling("ready" + readyTables++ + ".sst");
      tables.addFirst(table);
      try (TableBuilder builder = TableBuilder.create(files, table, options.get())) {
        int to = Math.min(from + keysOfTable, content.ops().size());
        for (WriteBatch.Op op : content.ops().subList(from, to)) {
          switch (op.kind()) {
            case PUT -> builder.put(op.key(), op.timestamp(), op.value());
            case TOMBSTONE -> builder.delete(op.key(), op.timestamp());
          }
        }
        builder.finish();
      }
    }
    target.ingest(tables, content.position());
  }

  private void noteDurable() {
    StorageEngine open = engine;
    if (open != null) {
      durable = Math.max(durable, open.durablePosition().index());
      assertThat(durable).isLessThanOrEqualTo(acknowledged);
    }
  }

  private void checkpoint(String name, KeyRange range) {
    Path parent = home.getParent();
    Path target = parent == null ? Path.of(name) : parent.resolve(name);
    Copy copy = new Copy(target, acknowledged, range);
    unfinished = copy;
    StorageEngine.Checkpoint made = engine().checkpoint(target, range);
    assertThat(made.position().index()).isEqualTo(acknowledged);
    unfinished = null;
    copies.add(copy);
    durable = acknowledged;
  }

  private void reopen() {
    if (engine != null) {
      closeEngine();
    }
    open();
    assertThat(engine().appliedPosition().index()).isBetween(durable, (long) acknowledged);
    writeFrom((int) engine().appliedPosition().index(), acknowledged);
  }

  private void closeEngine() {
    StorageEngine open = engine();
    engine = null;
    try {
      open.close();
      if (durability == Durability.WAL) {
        durable = acknowledged;
      }
    } catch (StorageException.IoFailure e) {
      // Closed, and what was not synced may be lost.
    }
  }

  /** Writes again what the engine does not hold, as a replicated log would. */
  public void writeFrom(int held, int until) {
    for (int i = held; i < until; i++) {
      int change = i;
      withRetry(() -> write(change, change % 2 == 0));
    }
  }

  /** Closes whatever is open, as well as that goes. */
  @Override
  public void close() {
    StorageEngine open = engine;
    engine = null;
    if (open != null) {
      noteLast(open);
      try {
        open.close();
      } catch (StorageException.IoFailure e) {
        // The disk is dead, which is what the caller is about.
      }
    }
  }

  private void noteLast(StorageEngine open) {
    durable = Math.max(durable, open.durablePosition().index());
  }
}
