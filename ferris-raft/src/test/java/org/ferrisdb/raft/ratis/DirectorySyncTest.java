package org.ferrisdb.raft.ratis;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectorySyncTest {
  @TempDir Path root;

  @Test
  void it_says_so_when_the_directory_can_not_be_synced() throws Exception {
    Path directory = Files.createDirectory(root.resolve("current"));
    DirectorySync sync = new DirectorySync(directory);
    assertThatCode(sync::sync).doesNotThrowAnyException();
    Files.delete(directory);
    assertThatIOException().isThrownBy(sync::sync);
  }
}
