package org.ferrisdb.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.ferrisdb.storage.manifest.DurableState;
import org.ferrisdb.storage.manifest.Manifest;
import org.ferrisdb.storage.manifest.Version;
import org.ferrisdb.storage.manifest.VersionEdit;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.junit.jupiter.api.Test;

/** What is durable and what readers are shown stay in step, or nothing goes on. */
final class VersionSetTest {
  private static final Path HOME = Path.of("/disk/engine");

  private final FaultyFileSystem files = new FaultyFileSystem();

  private static VersionEdit edit(long index) {
    return new VersionEdit(0, 0, new AppliedPosition(1, index), 0, List.of(), List.of());
  }

  /** Whoever tried again would add the same tables twice, and whoever gave up would delete them. */
  @Test
  void a_change_that_is_durable_and_could_not_be_shown_is_the_last() throws IOException {
    files.createDirectories(HOME);
    DurableState state = new DurableState(Version.empty(), 2, 0, AppliedPosition.NONE, 0);
    try (VersionSet versions =
        new VersionSet(files, HOME, state, Manifest.create(files, HOME, 1, state))) {
      versions.commit(before -> edit(4), after -> {});
      assertThatThrownBy(() ->
              versions.commit(
                  before -> edit(5),
                  after -> {
                    throw new OutOfMemoryError("to show it");
                  }))
          .isInstanceOf(OutOfMemoryError.class);
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> versions.commit(before -> edit(6), after -> {}))
            .isInstanceOf(StorageException.IoFailure.class)
            .hasMessageContaining("must be reopened");
      }
    }
    assertThat(Manifest.load(files, HOME, 1).position()).isEqualTo(new AppliedPosition(1, 5));
  }
}
