package org.ferrisdb.storage;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.ferrisdb.storage.StorageEngine.Direction;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.memtable.MemtableKind;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jetbrains.lincheck.datastructures.verifier.EpsilonVerifier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Writers that share a sync and readers beside them, through interleavings that Lincheck chooses.
 * It switches threads in the pipeline and its locks, and where readers take the state and the
 * sequence; what only who has the turn does (encoding, appending to a file) is one step, else it
 * would hardly ever switch where it matters. The memtables have {@code MemtableLincheckTest};
 * random scripts with threads that really run are in {@link GroupCommitTest}. {@code
 * -Dferris.lincheck.iterations=N} runs more scenarios.
 */
@Tag("lincheck") // in a JVM of its own
final class CommitLincheckTest {
  private static final int ITERATIONS = Integer.getInteger("ferris.lincheck.iterations", 3);
  private static final int INVOCATIONS = 50;

  /** Of one invocation, in the first of which classes are still being instrumented. */
  private static final long SLOW_MACHINE_MILLIS = 180_000;

  private static final Path HOME = Path.of("/disk/engine");

  /** What is one step: only who has the turn is in there, or it is tested elsewhere. */
  private static final List<String> STEPS =
      List.of(
          "org.ferrisdb.storage.BackgroundWork",
          "org.ferrisdb.storage.MemtableShare",
          "org.ferrisdb.storage.VersionSet",
          "org.ferrisdb.storage.WriteBatch",
          "org.ferrisdb.storage.WriteThrottle",
          "org.ferrisdb.storage.cache.FileHandle",
          "org.ferrisdb.storage.cache.TableHandle",
          "org.ferrisdb.storage.cache.TableView",
          "org.ferrisdb.storage.iterator.VisibleCursor",
          "org.ferrisdb.storage.key.Limits",
          "org.ferrisdb.storage.memtable.SkipListMemtable",
          "org.ferrisdb.storage.metrics.EngineMetrics",
          "org.ferrisdb.storage.metrics.LatencyHistogram",
          "org.ferrisdb.storage.metrics.ReadCounters",
          "org.ferrisdb.storage.sstable.CountedFile",
          "org.ferrisdb.storage.sstable.SSTableReader",
          "org.ferrisdb.storage.testing.FaultyFileSystem",
          "org.ferrisdb.storage.wal.BatchRecord",
          "org.ferrisdb.storage.wal.RecordWriter");

  private static StorageEngine open(FileSystem files) {
    StorageOptions options =
        new StorageOptions(Durability.WAL, 4_000, 300, 4_000, 20_000, 3, 9, MemtableKind.SKIP_LIST);
    return StorageEngine.open(files, HOME, options, StorageResources.inline(0));
  }

  /** All batches write the same two keys at the same timestamp: the last one counts. */
  @Param(name = "value", gen = IntGen.class, conf = "1:99")
  public static final class Register {
    private final StorageEngine engine = open(new FaultyFileSystem());

    /** Writes and syncs. */
    @Operation
    public void write(@Param(name = "value") int value) {
      engine.write(batch(value));
    }

    /** Writes. */
    @Operation
    public void writeUnsynced(@Param(name = "value") int value) {
      engine.writeUnsynced(batch(value));
    }

    private static WriteBatch batch(int value) {
      byte[] bytes = EngineModel.bytes("v" + value);
      return new WriteBatch()
          .put(EngineModel.bytes("a"), 1, bytes)
          .put(EngineModel.bytes("b"), 1, bytes);
    }

    /** Both keys, in one view. */
    @Operation
    public String read() {
      return EngineModel.scan(engine, null, null, 1, Direction.FORWARD).toString();
    }

    /** The memtable leaves, and its WAL file with it. */
    @Operation
    public void flush() {
      AppliedPosition _ = engine.flush();
    }

    /** Gives everything back. */
    @Validate
    public void close() {
      engine.close();
    }
  }

  /** What they should do. */
  public static final class Model {
    private int last;

    public void write(int value) {
      last = value;
    }

    public void writeUnsynced(int value) {
      last = value;
    }

    public String read() {
      return last == 0 ? "[]" : "[a=v%d@1, b=v%d@1]".formatted(last, last);
    }

    public void flush() {}
  }

  /** On a disk of which single operations fail; at the end the power goes. */
  @Param(name = "after", gen = IntGen.class, conf = "1:4")
  public static final class OnBadDisk {
    private final FaultyFileSystem files = new FaultyFileSystem();
    private final StorageEngine engine = open(files);
    private final List<String> acknowledged = new ArrayList<>();
    private final List<String> failed = new ArrayList<>();
    private final List<String> wrong = new ArrayList<>();
    private int writes;

    /** One of the next operations will fail: an append or a sync, of a file or a name. */
    @Operation
    public void breakSoon(@Param(name = "after") int after) {
      files.failAt(files.operations() + after);
    }

    /** Writes a key of its own. */
    @Operation
    public boolean write() {
      String key;
      synchronized (this) {
        writes++;
        key = "k" + writes;
      }
      boolean taken = true;
      try {
        engine.write(new WriteBatch().put(EngineModel.bytes(key), 1, EngineModel.bytes("v")));
      } catch (StorageException.IoFailure e) {
        taken = false;
      }
      boolean visible = EngineModel.get(engine, key, 1) != null;
      synchronized (this) {
        (taken ? acknowledged : failed).add(key);
        if (visible != taken) {
          wrong.add(key + " was taken: " + taken + ", and is visible: " + visible);
        }
      }
      return taken;
    }

    /** What was acknowledged is there after a power loss. */
    @Validate
    public void survives() {
      require(wrong.isEmpty(), wrong.toString());
      require(acknowledged.size() + failed.size() == writes, "a write came to no end");
      FaultyFileSystem afterwards = files.copy();
      closeBroken(engine);
      afterwards.crash(null);
      try (StorageEngine reopened = open(afterwards)) {
        for (String key : acknowledged) {
          require(EngineModel.get(reopened, key, 1) != null, key + " is lost");
        }
      }
    }

    /** AssertJ's objects do not bear being looked at by Lincheck. */
    private static void require(boolean holds, String otherwise) {
      if (!holds) {
        throw new AssertionError(otherwise);
      }
    }

    private static void closeBroken(StorageEngine engine) {
      try {
        engine.close();
      } catch (StorageException.IoFailure e) {
        // The failure came at the end of the WAL.
      }
    }
  }

  private static ModelCheckingOptions options() {
    ModelCheckingOptions options =
        new ModelCheckingOptions()
            .threads(3)
            .actorsBefore(1)
            .actorsPerThread(2)
            .actorsAfter(1)
            .iterations(ITERATIONS)
            .invocationsPerIteration(INVOCATIONS)
            .invocationTimeout$lincheck(SLOW_MACHINE_MILLIS);
    return options
        .addGuarantee(
            ManagedStrategyGuaranteeKt.forClasses(STEPS.toArray(String[]::new))
                .allMethods()
                .ignore())
        .addGuarantee(
            ManagedStrategyGuaranteeKt.forClasses(StorageEngine.class.getName())
                .methods("open", "close")
                .ignore())
        .addGuarantee( // while nobody is switched away inside, nobody finds their lock taken
            ManagedStrategyGuaranteeKt.forClasses(Tree.class.getName())
                .methods("await", "signal", "freeze", "install", "replaceEmpty")
                .ignore());
  }

  @Test
  void a_write_that_has_returned_is_visible_and_all_are_seen_in_one_order() {
    options().sequentialSpecification(Model.class).check(Register.class);
  }

  @Test
  void a_failed_sync_fails_its_group_and_nothing_is_acknowledged_that_is_not_durable() {
    options().verifier(EpsilonVerifier.class).check(OnBadDisk.class);
  }
}
