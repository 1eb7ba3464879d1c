package org.ferrisdb.shard.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.ferrisdb.shard.meta.MetaFixtures.after;
import static org.ferrisdb.shard.meta.MetaFixtures.form;
import static org.ferrisdb.shard.meta.MetaFixtures.id;
import static org.ferrisdb.shard.meta.MetaFixtures.node;
import static org.ferrisdb.shard.meta.MetaFixtures.replicas;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Random;
import org.ferrisdb.raft.RaftPosition;
import org.ferrisdb.shard.log.LogEntryFrame;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.state.ShardStore;
import org.ferrisdb.storage.AppliedPosition;
import org.ferrisdb.storage.Durability;
import org.ferrisdb.storage.EntryCursor;
import org.ferrisdb.storage.StorageEngine.Direction;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.StorageOptions;
import org.ferrisdb.storage.StorageResources;
import org.ferrisdb.storage.WriteBatch;
import org.ferrisdb.storage.io.DiskFileSystem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MetaStoreTest {
  @TempDir Path root;
  private final StorageResources resources = new StorageResources(1 << 20, 1);
  private ShardStore files;
  private MetaStore store;

  @BeforeEach
  void open() {
    files =
        new ShardStore(
            new DiskFileSystem(),
            root.resolve("state"),
            StorageOptions.defaults(Durability.EXTERNAL_LOG),
            resources);
    store = new MetaStore(files);
    assertThat(store.open()).isEqualTo(MetaState.EMPTY);
  }

  @AfterEach
  void close() {
    store.close();
    resources.close();
  }

  @Test
  void the_rows_are_these() {
    MetaState state =
        after(
            MetaState.EMPTY,
            form(1),
            new MetaCommand.RegisterNode(node(4, "n3")),
            replicas(1, 1, 1, 2, 4),
            new MetaCommand.ExtendOracle(0x0123_4567_89ab_cdefL),
            new MetaCommand.ChangeSetting("name", "value"),
            new MetaCommand.BeginRepair(new ShardId(1), id(2), 3));
    LogEntryFrame frame = new LogEntryFrame(1, 5, 6, 0, ByteBuffer.allocate(0));
    assertThat(store.chain().accept(5, frame)).isTrue();
    store.write(MetaState.EMPTY, state, new RaftPosition(5, 7));
    assertThat(rows()).isEqualTo(GOLDEN);
  }

  @Test
  void what_was_flushed_is_found_again_after_any_commands() {
    Random random = new Random(11);
    MetaState state = MetaState.EMPTY;
    for (int index = 1; index <= 400; index++) {
      MetaState next = after(state, MetaRulesTest.randomCommand(random, state));
      store.write(state, next, new RaftPosition(1, index));
      state = next;
      if (random.nextInt(20) == 0) {
        assertThat(store.flush(state).index()).isEqualTo(index);
        store.close();
        assertThat(store.open()).isEqualTo(state);
        assertThat(store.position()).isEqualTo(new RaftPosition(1, index));
      }
    }
    assertThat(state.map().nodes()).hasSizeGreaterThan(5);
  }

  @Test
  void rows_that_make_no_sense_are_corruption_and_not_a_state() {
    files
        .engine()
        .write(
            new WriteBatch()
                .put(new byte[] {'z'}, 1, new byte[] {1})
                .at(new AppliedPosition(1, 1)));
    assertThat(store.flush(MetaState.EMPTY).index()).isEqualTo(1);
    store.close();
    assertThatThrownBy(store::open).isInstanceOf(StorageException.Corruption.class);
  }

  private String rows() {
    StringBuilder out = new StringBuilder();
    HexFormat hex = HexFormat.of();
    try (EntryCursor cursor =
        files.engine().cursor(null, null, Long.MAX_VALUE, Direction.FORWARD)) {
      while (cursor.next()) {
        out.append((char) cursor.key()[0]).append(' ');
        out.append(hex.formatHex(cursor.key(), 1, cursor.key().length)).append(" @");
        out.append(cursor.timestamp());
        for (int at = 0; at < cursor.value().length; at += 40) {
          int end = Math.min(cursor.value().length, at + 40);
          out.append("\n  ").append(hex.formatHex(cursor.value(), at, end));
        }
        out.append('\n');
      }
    }
    return out.toString();
  }

  private static final String GOLDEN =
      """
      a  @7
        0000000000000005000000000000000600000000000000040123456789abcdef0000000000000004
        00403437306233383731346665623765626637306265633338663964303430626662343236656430
        3933323861306664373432623561306562383066373761346338
      d 0000000000000000 @7
        00000000000000000000000000000001000000000003000000000000000100000000000000020000
        000000000003
      d 0000000000000001 @7
        00000000000000010000000000000002000000000003000000000000000100000000000000020000
        000000000004
      n 00000000 @7
        00000000000000010100026e310003633a310003723a310003683a31
      n 00000001 @7
        00000000000000020100026e320003633a320003723a320003683a32
      n 00000002 @7
        00000000000000030200026e330003633a330003723a330003683a33
      n 00000003 @7
        00000000000000040100026e330003633a340003723a340003683a34
      o 0000000000000001 @7
        000000000000000000000000000000030000000000000004
      r 0000000000000003 @7
        000000000000000300000000000000010000000000000002010000000000000000
      s 6e616d65 @7
        000576616c7565
      """;
}
