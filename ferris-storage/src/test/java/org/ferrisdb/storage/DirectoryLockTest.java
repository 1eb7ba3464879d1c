package org.ferrisdb.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.ferrisdb.storage.io.DiskFileSystem;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.manifest.DirectoryLock;
import org.ferrisdb.storage.manifest.FileNames;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.ferrisdb.storage.testing.Leaks;
import org.ferrisdb.storage.testing.TrackedFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One engine a directory: in this process, and against another that really runs. */
final class DirectoryLockTest {
  @TempDir Path temporary;

  private static StorageEngine open(FileSystem files, Path directory) {
    return StorageEngine.open(
        files, directory, StorageOptions.defaults(Durability.WAL), Leaks.inline(0));
  }

  private static void write(StorageEngine engine, String key) {
    engine.write(new WriteBatch().put(EngineModel.bytes(key), 1, EngineModel.bytes("value")));
  }

  private static void refuses(FileSystem files, Path directory) {
    assertThatThrownBy(() -> open(files, directory))
        .isInstanceOf(StorageException.InUse.class)
        .hasMessageContaining(directory.toString())
        .hasMessageContaining("close that first");
  }

  @Test
  void a_second_engine_is_refused_and_does_not_disturb_the_first() {
    for (FileSystem files : List.of(new FaultyFileSystem(), new TrackedFileSystem())) {
      Path directory = temporary.resolve("engine");
      try (StorageEngine engine = open(files, directory)) {
        write(engine, "a");
        refuses(files, directory);
        refuses(files, directory);
        write(engine, "b");
        AppliedPosition _ = engine.flush();
      }
      try (StorageEngine engine = open(files, directory)) {
        assertThat(EngineModel.get(engine, "b", 1)).isEqualTo("value");
      }
    }
  }

  @Test
  void an_engine_that_does_not_open_gives_the_lock_back() throws IOException {
    FileSystem files = new TrackedFileSystem();
    open(files, temporary).close();
    Path current = temporary.resolve(FileNames.CURRENT);
    byte[] right = Files.readAllBytes(current);
    Files.write(current, new byte[] {'?'});
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> open(files, temporary))
          .isInstanceOf(StorageException.Corruption.class);
    }
    Files.write(current, right);
    open(files, temporary).close();
  }

  @Test
  void a_crash_gives_it_back_and_who_held_it_before_can_not_give_it_away() {
    FaultyFileSystem files = new FaultyFileSystem();
    StorageEngine before = open(files, temporary);
    files.crash(null);
    try (StorageEngine engine = open(files, temporary)) {
      before.close();
      refuses(files, temporary);
      write(engine, "a");
    }
  }

  @Test
  void a_checkpoint_has_none_and_can_be_opened_beside_the_engine() throws IOException {
    FileSystem files = new TrackedFileSystem();
    Path copy = temporary.resolve("copy");
    try (StorageEngine engine = open(files, temporary.resolve("engine"))) {
      write(engine, "a");
      StorageEngine.Checkpoint made = engine.checkpoint(copy);
      assertThat(made.files())
          .extracting(StorageEngine.CheckpointFile::name)
          .containsExactlyInAnyOrderElementsOf(files.list(copy))
          .doesNotContain(FileNames.LOCK);
      try (StorageEngine other = open(files, copy)) {
        assertThat(EngineModel.get(other, "a", 1)).isEqualTo("value");
      }
    }
  }

  // ---- another process

  /** A process that tries to take a directory and, if it gets it, holds it. */
  static final class Other implements AutoCloseable {
    private final Process process;
    private final String answer;

    Other(Path directory) throws IOException {
      List<String> command =
          new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin/java").toString()));
      command.addAll(List.of("-cp", classes(DirectoryLock.class, DirectoryLockTest.class)));
      command.addAll(List.of(Other.class.getName(), directory.toString()));
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      BufferedReader out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      answer = String.valueOf(out.readLine());
    }

    private static String classes(Class<?>... classes) {
      return String.join(
          File.pathSeparator, Stream.of(classes).map(Other::location).distinct().toList());
    }

    private static String location(Class<?> c) {
      try {
        return Path.of(c.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
      } catch (URISyntaxException e) {
        throw new IllegalStateException(e);
      }
    }

    /** The other process. */
    public static void main(String[] args) throws IOException {
      FileSystem.Lock lock = new DiskFileSystem().lock(Path.of(args[0]).resolve(FileNames.LOCK));
      System.out.println(lock == null ? "refused" : "taken");
      int _ = System.in.read(); // until it is killed, or its parent is gone
      if (lock != null) {
        lock.close();
      }
    }

    @Override
    public void close() {
      Process _ = process.destroyForcibly().onExit().join();
    }
  }

  @Test
  void an_engine_of_another_process_is_not_disturbed_and_its_death_frees_the_directory()
      throws Exception {
    FileSystem files = new TrackedFileSystem();
    open(files, temporary).close();
    try (Other other = new Other(temporary)) {
      assertThat(other.answer).isEqualTo("taken");
      refuses(files, temporary);
    }
    open(files, temporary).close();
  }

  /** What is tried and refused in the same process must not take the lock away from it. */
  @Test
  void another_process_is_refused_also_after_a_second_attempt_here() throws Exception {
    FileSystem files = new TrackedFileSystem();
    try (StorageEngine engine = open(files, temporary)) {
      refuses(files, temporary);
      Path link = Files.createDirectory(temporary.resolve("linked"));
      Files.createLink(link.resolve(FileNames.LOCK), temporary.resolve(FileNames.LOCK));
      refuses(files, link);
      try (Other other = new Other(temporary)) {
        assertThat(other.answer).isEqualTo("refused");
      }
      write(engine, "a");
    }
    try (Other other = new Other(temporary)) {
      assertThat(other.answer).isEqualTo("taken");
    }
  }
}
