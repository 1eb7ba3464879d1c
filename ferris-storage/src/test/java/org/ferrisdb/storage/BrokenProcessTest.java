package org.ferrisdb.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.ferrisdb.storage.flow.Ticker;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.io.ForwardingFileSystem;
import org.ferrisdb.storage.memtable.MemtableKind;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.ferrisdb.storage.testing.Leaks;
import org.ferrisdb.storage.testing.Unspeakable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Errors, which nobody expects, where nobody expects them: whoever waits learns of them. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class BrokenProcessTest {
  private static final Path HOME = Path.of("/disk/engine");
  private static final int WRITERS = 4;

  private final FaultyFileSystem files = new FaultyFileSystem();
  private final AtomicInteger written = new AtomicInteger();

  private StorageEngine open(StorageResources resources) {
    StorageOptions options =
        new StorageOptions(Durability.WAL, 3_000, 500, 8_000, 40_000, 2, 4, MemtableKind.TRIE);
    return StorageEngine.open(files, HOME, options, resources);
  }

  private void write(StorageEngine engine) {
    int i = written.incrementAndGet();
    engine.write(new WriteBatch().put(EngineModel.bytes("key" + i), 1, new byte[100]));
  }

  /** Writes until refused. */
  private StorageException.IoFailure writeOn(StorageEngine engine) {
    for (int i = 0; i < 100_000; i++) {
      try {
        write(engine);
      } catch (StorageException.IoFailure e) {
        return e;
      }
    }
    throw new AssertionError("nothing was refused");
  }

  // ---- in the background

  /** A flush begins a table in its first memtable's time; a compaction reads level 0 first. */
  @ParameterizedTest
  @ValueSource(strings = {"flush", "compaction"})
  void an_error_in_the_background_reaches_all_waiting_writers(String work) throws Exception {
    try (StorageResources resources = Leaks.threads(1 << 20, 1);
        StorageEngine engine = open(resources);
        ExecutorService pool = Executors.newFixedThreadPool(WRITERS)) {
      files.beforeEach(what -> {
        if (what.startsWith("create")
            && what.endsWith(".sst")
            && Thread.currentThread().getName().startsWith("ferris-" + work)) {
          throw new OutOfMemoryError("no memory for this " + work);
        }
      });
      List<Future<StorageException.IoFailure>> writers = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        writers.add(pool.submit(() -> writeOn(engine)));
      }
      for (Future<StorageException.IoFailure> writer : writers) {
        assertThat(writer.get()).hasMessageContaining("no memory for this " + work);
      }
      assertThat(engine.stats().backgroundError()).contains(work);
      assertThat(engine.get(EngineModel.bytes("key1"), 1)).isNotNull();
      files.beforeEach(what -> {});
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> engine.stats().backgroundError().isEmpty());
      for (int i = 0; i < 200; i++) {
        write(engine);
      }
    }
  }

  // ---- in a write

  /**
   * The first write is held up in the WAL until three more stand in the queue; these become one
   * group, whose write to the WAL breaks off.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void an_error_in_a_group_reaches_every_writer_of_it(boolean unspeakable) throws Exception {
    CountDownLatch queued = new CountDownLatch(1);
    AtomicInteger appends = new AtomicInteger();
    try (ExecutorService pool = Executors.newCachedThreadPool()) {
      try (StorageEngine engine = open(Leaks.inline(0))) {
        write(engine); // so that the WAL is there
        files.beforeEach(what -> {
          if (what.startsWith("append") && what.contains(".wal")) {
            if (appends.incrementAndGet() == 1) {
              awaitLatch(queued);
            } else {
              throw unspeakable ? new Unspeakable() : new StackOverflowError("in the WAL");
            }
          }
        });
        List<Thread> threads = new ArrayList<>();
        Future<?> first = pool.submit(() -> write(engine));
        Awaitility.await().until(() -> appends.get() == 1);
        List<Future<?>> group = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          group.add(
              pool.submit(() -> {
                synchronized (threads) {
                  threads.add(Thread.currentThread());
                }
                write(engine);
              }));
        }
        Awaitility.await().until(() -> allParked(threads, 3));
        queued.countDown();
        first.get();
        checkGroup(group, unspeakable);
        files.beforeEach(what -> {});
        assertThatThrownBy(() -> write(engine))
            .isInstanceOf(StorageException.IoFailure.class)
            .hasMessageContaining("must be reopened");
        assertThatThrownBy(engine::flush).isInstanceOf(StorageException.IoFailure.class);
        assertThat(engine.get(EngineModel.bytes("key2"), 1)).isNotNull();
        assertThat(engine.get(EngineModel.bytes("key3"), 1)).isNull();
      }
    }
    try (StorageEngine engine = open(Leaks.inline(0))) {
      assertThat(engine.get(EngineModel.bytes("key2"), 1)).isNotNull();
      write(engine);
    }
  }

  /** Whoever led the group gets the error itself, the others an exception each. */
  private static void checkGroup(List<Future<?>> group, boolean unspeakable)
      throws InterruptedException {
    int errors = 0;
    for (Future<?> writer : group) {
      try {
        writer.get();
        throw new AssertionError("a write of the group went through");
      } catch (ExecutionException e) {
        if (e.getCause() instanceof StorageException.IoFailure failure) {
          assertThat(failure).hasMessageContaining("must be reopened");
          assertThat(String.valueOf(failure.getMessage()).contains("StackOverflowError"))
              .isEqualTo(!unspeakable);
        } else {
          assertThat(e.getCause()).isInstanceOf(VirtualMachineError.class);
          errors++;
        }
      }
    }
    assertThat(errors).isEqualTo(1);
  }

  private static boolean allParked(List<Thread> threads, int count) {
    synchronized (threads) {
      return threads.size() == count
          && threads.stream().allMatch(t -> t.getState() == Thread.State.WAITING);
    }
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  // ---- while a WAL file is ended

  /** The memtable is flushed nevertheless, which makes the file obsolete. */
  @ParameterizedTest
  @CsvSource({"append, true", "append, false", "sync, false"})
  void an_error_while_a_wal_is_ended_by_a_flush_costs_nothing(String operation, boolean unsynced) {
    WriteBatch last = new WriteBatch().put(EngineModel.bytes("last"), 1, new byte[100]);
    try (StorageEngine engine = open(Leaks.inline(0))) {
      write(engine);
      if (unsynced) {
        engine.writeUnsynced(last);
      } else {
        engine.write(last);
      }
      AtomicInteger thrown = throwInWal(operation);
      AppliedPosition _ = engine.flush();
      assertThat(thrown).hasValue(1);
      write(engine);
      assertThat(engine.stats().backgroundError()).isEmpty();
      files.crash(null);
    } catch (StorageException.IoFailure e) {
      // Closing found the power gone.
    }
    try (StorageEngine engine = open(Leaks.inline(0))) {
      for (String key : List.of("key1", "last", "key2")) {
        assertThat(engine.get(EngineModel.bytes(key), 1)).as(key).isNotNull();
      }
    }
  }

  @Test
  void an_error_while_a_wal_is_ended_by_closing_comes_out_and_leaves_nothing_open() {
    StorageEngine engine = open(Leaks.inline(0));
    write(engine);
    AtomicInteger thrown = throwInWal("append");
    assertThatThrownBy(engine::close).isInstanceOf(StackOverflowError.class);
    assertThat(thrown).hasValue(1);
    try (StorageEngine again = open(Leaks.inline(0))) {
      assertThat(again.get(EngineModel.bytes("key1"), 1)).isNotNull();
    }
  }

  /** The next such operation on a WAL file breaks off. */
  private AtomicInteger throwInWal(String operation) {
    AtomicInteger thrown = new AtomicInteger();
    files.beforeEach(what -> {
      if (what.startsWith(operation) && what.contains(".wal") && thrown.get() == 0) {
        thrown.set(1);
        throw new StackOverflowError("at the end of the WAL");
      }
    });
    return thrown;
  }

  /**
   * Half of a record is in the file when there is no memory any more. An end behind it would make
   * of a torn tail a damaged log, which nobody may open.
   */
  @Test
  void a_log_whose_last_write_broke_off_can_be_read_after_closing() {
    AtomicBoolean breaks = new AtomicBoolean();
    FileSystem half =
        new ForwardingFileSystem(files) {
          @Override
          public WritableFile create(Path file) throws IOException {
            return new ForwardingWritable(super.create(file)) {
              @Override
              public void append(ByteBuffer bytes) throws IOException {
                if (file.toString().endsWith(".wal") && breaks.getAndSet(false)) {
                  super.append(bytes.slice(bytes.position(), bytes.remaining() / 2));
                  throw new OutOfMemoryError("half way");
                }
                super.append(bytes);
              }
            };
          }
        };
    StorageOptions options = StorageOptions.defaults(Durability.WAL);
    StorageEngine engine = StorageEngine.open(half, HOME, options, Leaks.inline(0));
    engine.writeUnsynced(new WriteBatch().put(EngineModel.bytes("loose"), 1, new byte[100]));
    breaks.set(true);
    assertThatThrownBy(() -> write(engine)).isInstanceOf(OutOfMemoryError.class);
    assertThatThrownBy(() -> write(engine)).hasMessageContaining("must be reopened");
    assertThatThrownBy(engine::close)
        .isInstanceOf(StorageException.IoFailure.class)
        .hasMessageContaining("could not be synced");
    try (StorageEngine again = open(Leaks.inline(0))) {
      assertThat(again.get(EngineModel.bytes("loose"), 1)).isNotNull();
      assertThat(again.get(EngineModel.bytes("key1"), 1)).isNull();
    }
  }

  // ---- for want of a thread

  @Test
  void a_flush_for_which_there_is_no_thread_is_made_later() {
    AtomicBoolean noThreads = new AtomicBoolean();
    Executor executor =
        task -> {
          if (noThreads.get()) {
            throw new OutOfMemoryError("unable to create native thread");
          }
          task.run();
        };
    StorageResources resources =
        new StorageResources(
            ResourceOptions.of(1 << 20, 1), Ticker.STILL, executor, executor, null, null);
    try (StorageEngine engine = open(resources)) {
      write(engine);
      noThreads.set(true);
      assertThatThrownBy(engine::flush).isInstanceOf(OutOfMemoryError.class);
      noThreads.set(false);
      write(engine);
      AppliedPosition _ = engine.flush();
      assertThat(engine.stats().flushes()).isEqualTo(2);
      noThreads.set(true);
    }
    try (StorageEngine engine = open(Leaks.inline(0))) {
      assertThat(engine.get(EngineModel.bytes("key1"), 1)).isNotNull();
      assertThat(engine.get(EngineModel.bytes("key2"), 1)).isNotNull();
    }
  }

  // ---- while opening

  @Test
  void an_error_while_opening_comes_out_as_it_is_and_leaves_nothing_open() {
    try (StorageEngine engine = open(Leaks.inline(0))) {
      for (int i = 0; i < 40; i++) {
        write(engine);
      }
    }
    int failures = 0;
    for (int at = 1; ; at++) {
      FaultyFileSystem copy = files.copy();
      AtomicInteger left = new AtomicInteger(at);
      copy.beforeEach(what -> {
        if (left.decrementAndGet() == 0) {
          throw new StackOverflowError("at " + what);
        }
      });
      StorageOptions options = StorageOptions.defaults(Durability.WAL);
      try {
        StorageEngine.open(copy, HOME, options, Leaks.inline(0)).close();
        if (left.get() > 0) {
          break;
        }
      } catch (StackOverflowError e) {
        failures++;
      } catch (StorageException.IoFailure e) { // in the flush, which waits for the background
        assertThat(e).hasMessageContaining("flush failed (at ");
        failures++;
      }
      copy.beforeEach(what -> {});
      try (StorageEngine engine = StorageEngine.open(copy, HOME, options, Leaks.inline(0))) {
        assertThat(engine.get(EngineModel.bytes("key40"), 1)).isNotNull();
      }
    }
    assertThat(failures).isGreaterThan(8);
  }

  // ---- options

  @Test
  void options_with_which_writers_would_wait_for_ever_are_refused() {
    assertThatThrownBy(() ->
            new StorageOptions(Durability.WAL, 3_000, 500, 8_000, 40_000, 8, 4, MemtableKind.TRIE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("l0StopTrigger: 4");
    assertThatThrownBy(() ->
            new StorageOptions(Durability.WAL, 3_000, 500, 0, 40_000, 2, 4, MemtableKind.TRIE))
        .hasMessageContaining("tableBytes: 0");
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -1, 0, MemtableKind.MAX_BYTES + 1, Long.MAX_VALUE})
  void a_memtable_of_impossible_size_is_refused(long bytes) {
    assertThatThrownBy(() -> StorageOptions.defaults(Durability.WAL).withMemtableBytes(bytes))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("memtableBytes: " + bytes)
        .hasMessageContaining("from 1 to " + MemtableKind.MAX_BYTES);
  }

  /** At the least size every write finds a full memtable; one kind holds bytes when it is empty. */
  @ParameterizedTest
  @EnumSource
  void memtables_of_the_least_and_the_largest_size_work(MemtableKind kind) {
    for (long bytes : new long[] {1, MemtableKind.MAX_BYTES}) {
      StorageOptions options =
          StorageOptions.defaults(Durability.WAL).withMemtable(kind).withMemtableBytes(bytes);
      try (StorageEngine engine =
          StorageEngine.open(new FaultyFileSystem(), HOME, options, Leaks.inline(1 << 20))) {
        for (int i = 0; i < 50; i++) {
          write(engine);
        }
        assertThat(engine.stats().flushes()).isBetween(bytes == 1 ? 49L : 0, bytes == 1 ? 50L : 0);
        written.set(0);
      }
    }
  }
}
