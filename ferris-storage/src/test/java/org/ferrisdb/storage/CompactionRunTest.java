package org.ferrisdb.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.ferrisdb.storage.cache.TableView;
import org.ferrisdb.storage.compaction.CompactionPlan;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.manifest.Version;
import org.ferrisdb.storage.sstable.TableProperties;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.junit.jupiter.api.Test;

/** What can not be shown through an engine: see {@code CrashTest} for the rest. */
final class CompactionRunTest {
  /** Its plan would remove the table, unread: a whole flushed memtable would be gone. */
  @Test
  void a_plan_that_names_a_table_which_readers_do_not_have_is_not_carried_out() throws IOException {
    TableProperties properties =
        new TableProperties(1, 0, 0, 1, 5, 5, EngineModel.bytes("a"), EngineModel.bytes("b"));
    TableMetadata table = new TableMetadata(7, 1_000, properties);
    CompactionPlan plan =
        new CompactionPlan(CompactionPlan.Reason.LEVEL0, 0, 1, List.of(table), List.of());
    TableView view =
        TableView.of(
            Version.empty(),
            null,
            unknown -> {
              throw new AssertionError("an empty version has no table " + unknown);
            },
            unknown -> {
              throw new AssertionError("an empty version has no value file " + unknown);
            });
    FaultyFileSystem files = new FaultyFileSystem();
    StorageOptions options = StorageOptions.defaults(Durability.WAL);
    assertThatThrownBy(() ->
            new CompactionRun(plan, 0, view, () -> {}).write(files, Path.of("/"), () -> 8, options))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("[7]");
    assertThat(files.list(Path.of("/"))).isEmpty();
    view.release();
  }
}
