package org.ferrisdb.storage.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.ferrisdb.storage.testing.Seeds;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a thread that is interrupted does to files that others use: nothing. */
final class DiskFileSystemTest {
  private final FileSystem files = new DiskFileSystem();
  private final Random random = Seeds.random("DiskFileSystemTest", 3);

  @TempDir Path directory;

  @AfterEach
  void clear() {
    boolean _ = Thread.interrupted();
  }

  private ByteBuffer bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return ByteBuffer.wrap(bytes);
  }

  @Test
  void an_interrupted_thread_appends_syncs_and_reads_as_any_other() throws IOException {
    Path file = directory.resolve("a");
    ByteBuffer first = bytes(1_000);
    ByteBuffer second = bytes(2_000);
    try (FileSystem.WritableFile writable = files.create(file)) {
      writable.append(first.duplicate());
      writable.sync();
      Thread.currentThread().interrupt();
      writable.append(second.duplicate());
      assertThat(Thread.currentThread().isInterrupted()).isTrue();
      writable.sync();
      assertThat(Thread.currentThread().isInterrupted()).isTrue();
      files.syncFile(file);
      files.syncDirectory(directory);
      assertThat(Thread.currentThread().isInterrupted()).isTrue();
      assertThat(writable.size()).isEqualTo(3_000);
    }
    try (FileSystem.ReadableFile readable = files.open(file)) {
      ByteBuffer into = ByteBuffer.allocate(3_000);
      assertThat(readable.read(into, 0)).isEqualTo(3_000);
      assertThat(Thread.interrupted()).isTrue();
      assertThat(into.slice(0, 1_000)).isEqualTo(first);
      assertThat(into.slice(1_000, 2_000)).isEqualTo(second);
    }
  }

  /** In pieces, or the JDK would keep so much memory outside of the heap for this thread. */
  @Test
  void what_is_larger_than_a_piece_is_appended_whole() throws IOException {
    Path file = directory.resolve("large");
    ByteBuffer content = bytes((5 << 20) + 77);
    ByteBuffer given = content.duplicate();
    try (FileSystem.WritableFile writable = files.create(file)) {
      writable.append(bytes(3));
      writable.append(given);
      assertThat(given.hasRemaining()).isFalse();
      writable.sync();
    }
    ByteBuffer found = ByteBuffer.wrap(Files.readAllBytes(file));
    assertThat(found.slice(3, content.remaining())).isEqualTo(content);
    assertThat(found.remaining()).isEqualTo(content.remaining() + 3);
  }
}
