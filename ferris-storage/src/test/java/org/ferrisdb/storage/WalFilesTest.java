package org.ferrisdb.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
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
import org.ferrisdb.storage.testing.Unspeakable;
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
    twoFiles(true);
    damaged(Integer.MAX_VALUE);
    damaged(30);
  }

  @Test
  void and_is_not_missed_if_nothing_later_was_synced() throws IOException {
    twoFiles(false);
    String oldest = logs(files).getFirst();
    FaultyFileSystem gone = files.copy();
    gone.delete(HOME.resolve(oldest));
    assertThat(problems(gone)).isEmpty();
    try (StorageEngine engine = open(gone)) {
      assertThat(held(engine)).isEmpty();
    }
    FaultyFileSystem cut = cutOldest(30);
    assertThat(problems(cut)).isEmpty();
    try (StorageEngine engine = open(cut)) {
      assertThat(held(engine)).containsExactly(1L, 2L);
    }
  }

  /** What one file says of the one before goes for those before that as well. */
  @Test
  void damage_to_the_oldest_of_three_files_is_found() throws IOException {
    holdFlushes();
    StorageEngine engine = open(files);
    for (int i = 0; i < 2; i++) {
      engine.writeUnsynced(next());
      engine.writeUnsynced(next());
      freeze(engine);
    }
    engine.write(next());
    assertThat(logs(files)).hasSize(3);
    files.kill();
    engine.close();
    letFlushesGo();
    damaged(Integer.MAX_VALUE);
    damaged(30);
    try (StorageEngine again = open(files)) {
      assertThat(held(again)).containsExactly(1L, 2L, 3L, 4L, 5L);
    }
  }

  /** A file whose first batch was synced, and the second not, when it was ended. */
  @Test
  void what_of_a_file_was_synced_is_promised_though_the_rest_is_not() throws IOException {
    holdFlushes();
    StorageEngine engine = open(files);
    engine.write(next());
    long synced = files.bytes(HOME.resolve(logs(files).getFirst())).length;
    engine.writeUnsynced(next());
    freeze(engine);
    engine.writeUnsynced(next());
    files.kill();
    assertThatThrownBy(engine::close).isInstanceOf(StorageException.IoFailure.class);
    letFlushesGo();
    int length = files.bytes(HOME.resolve(logs(files).getFirst())).length;
    damaged(Integer.MAX_VALUE);
    damaged((int) (length - synced) + 1);
    FaultyFileSystem torn = cutOldest((int) (length - synced));
    assertThat(problems(torn)).isEmpty();
    try (StorageEngine again = open(torn)) {
      assertThat(held(again)).containsExactly(1L);
    }
  }

  /** No later file was begun: the one that closing begins says that the others are whole. */
  @Test
  void what_closing_has_synced_is_promised() throws IOException {
    holdFlushes();
    try (StorageEngine engine = open(files)) {
      engine.writeUnsynced(next());
      engine.writeUnsynced(next());
      freeze(engine);
    }
    letFlushesGo();
    damaged(Integer.MAX_VALUE);
    damaged(30);
    files.crash(null);
    try (StorageEngine again = open(files)) {
      assertThat(held(again)).containsExactly(1L, 2L);
    }
  }

  /** With less of the oldest file the engine does not open, and the doctor says which it is. */
  private void damaged(int fewer) throws IOException {
    String oldest = logs(files).getFirst();
    FaultyFileSystem disk = cutOldest(fewer);
    assertThat(problems(disk)).extracting(Finding::file).containsExactly(oldest);
    assertThatThrownBy(() -> open(disk))
        .isInstanceOf(StorageException.Corruption.class)
        .hasMessageContaining(oldest + ": is missing or cut short");
  }

  private FaultyFileSystem cutOldest(int fewer) throws IOException {
    FaultyFileSystem disk = files.copy();
    Path oldest = HOME.resolve(logs(disk).getFirst());
    byte[] bytes = disk.bytes(oldest);
    if (fewer == Integer.MAX_VALUE) {
      disk.delete(oldest);
    } else {
      disk.replace(oldest, Arrays.copyOf(bytes, bytes.length - fewer));
    }
    return disk;
  }

  private static List<Finding> problems(FileSystem disk) throws IOException {
    return Verifier.verify(disk, HOME, _ -> {}).findings().stream()
        .filter(finding -> !finding.kind().harmless())
        .toList();
  }

  /** The flush deletes an older file while the doctor has it before him. */
  @Test
  void a_file_that_goes_away_while_it_is_verified_is_no_problem() throws IOException {
    twoFiles(true);
    String oldest = logs(files).getFirst();
    FileSystem vanishing =
        new ForwardingFileSystem(files) {
          @Override
          public ReadableFile open(Path file) throws IOException {
            if (file.endsWith(oldest)) {
              files.delete(file);
            }
            return super.open(file);
          }
        };
    assertThat(Verifier.verify(vanishing, HOME, _ -> {}).findings())
        .extracting(Finding::kind)
        .contains(Finding.Kind.WENT_AWAY)
        .allMatch(Finding.Kind::harmless);
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

  /** One batch is in a file that is given up when the next one can not be written. */
  private StorageEngine withFilesGivenUp() {
    holdFlushes();
    StorageEngine engine = open(files);
    engine.writeUnsynced(next());
    freeze(engine);
    files.failAt(files.operations() + 2);
    assertThatThrownBy(() -> engine.writeUnsynced(next()))
        .isInstanceOf(StorageException.IoFailure.class)
        .hasMessageContaining("injected failure of append");
    return engine;
  }

  /** They were given up, and a power loss may take them: nobody may think otherwise. */
  @Test
  void closing_says_that_batches_of_files_that_were_given_up_may_be_lost() {
    StorageEngine engine = withFilesGivenUp();
    assertThatThrownBy(engine::close)
        .isInstanceOf(StorageException.IoFailure.class)
        .hasMessageContaining("could not be synced");
  }

  @Test
  void but_not_if_all_of_them_is_in_tables() {
    StorageEngine engine = withFilesGivenUp();
    letFlushesGo();
    AppliedPosition _ = engine.flush();
    engine.close();
    checkFirstSurvivesPowerLoss();
  }

  /** A file to say so could not be made; it is not what was promised. */
  @Test
  void closing_on_a_full_disk_is_silent_if_all_could_be_synced() {
    holdFlushes();
    StorageEngine engine = open(files);
    engine.writeUnsynced(next());
    freeze(engine);
    files.setBudget(files.usedBytes());
    engine.close();
    files.setBudget(Long.MAX_VALUE);
    letFlushesGo();
    checkFirstSurvivesPowerLoss();
  }

  /** The same where it lacks its end, and nothing is written afterwards. */
  @Test
  void closing_is_silent_if_what_could_not_be_ended_is_in_tables() {
    StorageEngine engine = open(files);
    engine.writeUnsynced(next());
    failToFreeze(engine);
    AppliedPosition _ = engine.flush();
    engine.close();
    checkFirstSurvivesPowerLoss();
  }

  /** The file may lack its end, and its memtable was not frozen: it must be before the next. */
  @Test
  void an_error_in_freezing_leaves_no_gap() {
    try (StorageEngine engine = open(files)) {
      engine.writeUnsynced(next());
      failToFreeze(engine);
      engine.write(next());
      assertThat(held(engine)).containsExactly(1L, 2L);
      files.crash(null);
    } catch (StorageException.IoFailure e) {
      // Closing found the power gone.
    }
    try (StorageEngine again = open(files)) {
      assertThat(held(again)).containsExactly(1L, 2L);
    }
  }

  private void checkFirstSurvivesPowerLoss() {
    files.crash(null);
    try (StorageEngine again = open(files)) {
      assertThat(held(again)).containsExactly(1L);
    }
  }

  /** The end of the current file breaks off, and to say so as well. */
  private void failToFreeze(StorageEngine engine) {
    AtomicInteger thrown = new AtomicInteger();
    files.beforeEach(what -> {
      if (what.startsWith("append") && what.contains(".wal") && thrown.getAndIncrement() == 0) {
        throw new Unspeakable();
      }
    });
    assertThatThrownBy(engine::flush).isInstanceOf(OutOfMemoryError.class);
    assertThat(thrown).hasValue(1);
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
      return new ForwardingWritable(file) {
        @Override
        public void close() throws IOException {
          openLogs.getAndDecrement();
          super.close();
        }
      };
    }
  }
}
