package org.ferrisdb.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.ferrisdb.storage.inspect.Finding;
import org.ferrisdb.storage.inspect.Verifier;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.io.ForwardingFileSystem;
import org.ferrisdb.storage.memtable.MemtableKind;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.ferrisdb.storage.testing.Leaks;
import org.ferrisdb.storage.testing.Seeds;
import org.junit.jupiter.api.Test;

/**
 * A memtable is frozen, and its WAL file holds what nobody has synced. Flushes are held up here,
 * until they are let go: so the file is still needed when the next one is written.
 */
final class WalFilesTest {
  private static final Path HOME = Path.of("/disk/engine");

  private final FaultyFileSystem files = new FaultyFileSystem();
  private long written;

  private static StorageEngine open(FileSystem files) {
    StorageOptions options =
        new StorageOptions(Durability.WAL, 50_000, 500, 8_000, 40_000, 4, 12, MemtableKind.TRIE);
    return StorageEngine.open(files, HOME, options, Leaks.inline(0));
  }

  private void holdFlushes() {
    files.beforeEach(what -> {
      if (what.startsWith("create") && what.endsWith(".sst")) {
        throw new UncheckedIOException(new IOException("held up"));
      }
    });
  }

  private void letFlushesGo() {
    files.beforeEach(what -> {});
  }

  /** The next batch: its key is its number. */
  private WriteBatch next() {
    written++;
    return new WriteBatch()
        .at(new AppliedPosition(1, written))
        .put(EngineModel.bytes("key" + written), written, new byte[50]);
  }

  private static void freeze(StorageEngine engine) {
    assertThatThrownBy(engine::flush)
        .isInstanceOf(StorageException.IoFailure.class)
        .hasMessageContaining("held up");
  }

  /**
   * What the disk is after three loose batches, a freeze, and two more, the last perhaps synced.
   */
  private void twoFiles(boolean sync) {
    holdFlushes();
    StorageEngine engine = open(files);
    for (int i = 0; i < 3; i++) {
      engine.writeUnsynced(next());
    }
    freeze(engine);
    engine.writeUnsynced(next());
    if (sync) {
      engine.write(next());
    } else {
      engine.writeUnsynced(next());
    }
    assertThat(logs(files)).hasSize(2);
    files.kill();
    if (sync) {
      engine.close();
    } else {
      assertThatThrownBy(engine::close).isInstanceOf(StorageException.IoFailure.class);
    }
    letFlushesGo();
  }

  private static List<String> logs(FaultyFileSystem files) {
    try {
      return files.list(HOME).stream().filter(name -> name.endsWith(".wal")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Long> held(StorageEngine engine) {
    return LongStream.rangeClosed(1, 20)
        .filter(i -> engine.get(EngineModel.bytes("key" + i), Long.MAX_VALUE) != null)
        .boxed()
        .toList();
  }

  @Test
  void freezing_waits_for_no_sync() {
    holdFlushes();
    try (StorageEngine engine = open(files)) {
      int before = files.log().size();
      engine.writeUnsynced(next());
      freeze(engine);
      engine.writeUnsynced(next());
      List<String> done = files.log().subList(before, files.log().size());
      assertThat(done).filteredOn(what -> what.startsWith("create")).hasSizeGreaterThan(1);
      assertThat(done).noneMatch(what -> what.startsWith("sync"));
      letFlushesGo();
    }
    files.crash(null); // closing has synced all
    try (StorageEngine engine = open(files)) {
      assertThat(held(engine)).containsExactly(1L, 2L);
    }
  }

  @Test
  void what_is_synced_takes_all_before_it_along() {
    twoFiles(true);
    files.crash(null);
    try (StorageEngine engine = open(files)) {
      assertThat(held(engine)).containsExactly(1L, 2L, 3L, 4L, 5L);
    }
    assertThat(logs(files)).isEmpty();
  }

  @Test
  void a_dead_process_leaves_all_to_the_next() {
    twoFiles(false);
    try (StorageEngine engine = open(files)) {
      assertThat(held(engine)).containsExactly(1L, 2L, 3L, 4L, 5L);
    }
  }

  /** The next file may have reached the disk when the end of the one before has not. */
  @Test
  void a_power_loss_takes_an_end_of_what_was_written_never_a_piece_from_the_middle()
      throws IOException {
    twoFiles(false);
    String newer = logs(files).getLast();
    int dropped = 0;
    int most = 0;
    Random random = Seeds.random("two files", 3);
    for (int i = 0; i < 300; i++) {
      FaultyFileSystem disk = files.copy();
      if (i % 3 == 0) { // the older one has reached the disk by itself
        disk.syncFile(HOME.resolve(logs(disk).getFirst()));
        disk.syncDirectory(HOME);
      }
      disk.crash(random);
      boolean hasNewer =
          logs(disk).contains(newer)
              && EngineModel.text(disk.bytes(HOME.resolve(newer))).contains("key4");
      try (StorageEngine engine = open(disk)) {
        List<Long> held = held(engine);
        assertThat(held).isEqualTo(List.of(1L, 2L, 3L, 4L, 5L).subList(0, held.size()));
        assertThat(engine.appliedPosition().index()).isEqualTo(held.size());
        dropped += hasNewer && held.size() < 3 ? 1 : 0;
        most = Math.max(most, held.size());
      }
      assertThat(logs(disk)).isEmpty();
    }
    assertThat(dropped).isPositive();
    assertThat(most).isGreaterThan(3); // of the newer one as well
  }

  /** Damage to what was promised is no torn tail, wherever it is. */
  @Test
  void a_file_that_is_cut_or_gone_is_missed_if_a_later_one_was_synced() throws IOException {
    for (boolean synced : new boolean[] {true, false}) {
      for (boolean gone : new boolean[] {true, false}) {
        WalFilesTest test = new WalFilesTest();
        test.twoFiles(synced);
        String older = logs(test.files).getFirst();
        if (gone) {
          test.files.delete(HOME.resolve(older));
        } else {
          byte[] bytes = test.files.bytes(HOME.resolve(older));
          test.files.replace(HOME.resolve(older), Arrays.copyOf(bytes, bytes.length - 30));
        }
        List<Finding> problems =
            Verifier.verify(test.files, HOME, _ -> {}).findings().stream()
                .filter(finding -> !finding.kind().harmless())
                .toList();
        if (synced) {
          assertThat(problems).extracting(Finding::file).containsExactly(older);
          assertThatThrownBy(() -> open(test.files))
              .isInstanceOf(StorageException.Corruption.class)
              .hasMessageContaining("missing or cut short");
        } else {
          assertThat(problems).isEmpty();
          try (StorageEngine engine = open(test.files)) {
            assertThat(held(engine)).isEqualTo(gone ? List.of() : List.of(1L, 2L));
          }
        }
      }
    }
  }

  /** The kernel says once that it could not write something; a second sync would pass. */
  @Test
  void an_older_file_that_can_not_be_synced_is_not_asked_twice() {
    holdFlushes();
    try (StorageEngine engine = open(files)) {
      engine.writeUnsynced(next());
      freeze(engine);
      engine.writeUnsynced(next());
      String older = "sync " + HOME.resolve(logs(files).getFirst());
      files.failAt(files.operations() + 1);
      assertThatThrownBy(() -> engine.write(next()))
          .isInstanceOf(StorageException.IoFailure.class)
          .hasMessageContaining("injected failure of " + older);
      assertThatThrownBy(() -> engine.write(next())).isInstanceOf(StorageException.IoFailure.class);
      assertThat(engine.durablePosition()).isEqualTo(AppliedPosition.NONE);
      letFlushesGo();
      engine.write(next());
      assertThat(files.log()).filteredOn(what -> what.equals(older)).hasSize(1);
      assertThat(held(engine)).containsExactly(1L, 2L, 5L);
      files.crash(null);
    } catch (StorageException.IoFailure e) {
      // Closing found the power gone.
    }
    try (StorageEngine engine = open(files)) {
      assertThat(held(engine)).containsExactly(1L, 2L, 5L);
    }
  }

  /** A file that is deleted and still open takes its space. */
  @Test
  void a_file_is_closed_when_its_memtable_is_flushed() {
    AtomicInteger openLogs = new AtomicInteger();
    try (StorageEngine engine = open(new CountingFileSystem(files, openLogs))) {
      for (int i = 0; i < 5; i++) {
        engine.writeUnsynced(next());
        AppliedPosition _ = engine.flush();
        assertThat(openLogs).hasValue(0);
      }
      holdFlushes();
      engine.writeUnsynced(next());
      freeze(engine);
      engine.writeUnsynced(next());
      assertThat(openLogs).hasValue(2);
      engine.write(next()); // and the older is durable
      assertThat(openLogs).hasValue(1);
      letFlushesGo();
    }
    assertThat(openLogs).hasValue(0);
  }

  /** Counts the WAL files that are open. */
  private static final class CountingFileSystem extends ForwardingFileSystem {
    private final AtomicInteger openLogs;

    CountingFileSystem(FileSystem files, AtomicInteger openLogs) {
      super(files);
      this.openLogs = openLogs;
    }

    @Override
    public WritableFile create(Path path) throws IOException {
      WritableFile file = super.create(path);
      if (!path.toString().endsWith(".wal")) {
        return file;
      }
      openLogs.getAndIncrement();
      return new WritableFile() {
        @Override
        public void append(ByteBuffer bytes) throws IOException {
          file.append(bytes);
        }

        @Override
        public void sync() throws IOException {
          file.sync();
        }

        @Override
        public long size() {
          return file.size();
        }

        @Override
        public void close() throws IOException {
          openLogs.getAndDecrement();
          file.close();
        }
      };
    }
  }
}
