package org.ferrisdb.shard.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.ferrisdb.raft.AppliedEntry;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftPosition;
import org.ferrisdb.shard.ShardLimits;
import org.ferrisdb.shard.ShardRequests.Mutation;
import org.ferrisdb.shard.ShardRequests.WriteOutcome.Committed;
import org.ferrisdb.shard.StateDigest;
import org.ferrisdb.shard.log.LogEntryFrame;
import org.ferrisdb.shard.map.KeyRange;
import org.ferrisdb.shard.map.ShardDescriptor;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.state.EntryBody.Command;
import org.ferrisdb.storage.Durability;
import org.ferrisdb.storage.EntryCursor;
import org.ferrisdb.storage.StorageEngine.Direction;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.StorageOptions;
import org.ferrisdb.storage.StorageResources;
import org.ferrisdb.storage.io.DiskFileSystem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardStateTest {
  @TempDir Path directory;
  private final StorageResources resources = new StorageResources(1 << 20, 1);
  private final List<ShardState> opened = new ArrayList<>();
  private long number;

  @AfterEach
  void stop() {
    opened.forEach(ShardState::close);
    resources.close();
  }

  private ShardState open(String name) {
    ShardState state =
        new ShardState(
            new DiskFileSystem(),
            directory.resolve(name),
            StorageOptions.defaults(Durability.EXTERNAL_LOG),
            resources);
    opened.add(state);
    state.open();
    return state;
  }

  private LogEntryFrame next(EntryBody body) {
    LogEntryFrame frame =
        new LogEntryFrame(
            EntryBodyCodec.kind(body), 1, number + 1, number, EntryBodyCodec.encode(body));
    number++;
    return frame;
  }

  private static void apply(ShardState state, long index, LogEntryFrame frame) {
    state.apply(new AppliedEntry(1, index, ByteBuffer.allocate(0)), frame);
  }

  private static EntryBody put(long sequence, long timestamp, String key, String value) {
    return new EntryBody.Writes(
        List.of(
            new Command(
                new ClientId(1, 2),
                sequence,
                0,
                5000,
                timestamp,
                new Committed(timestamp),
                List.of(
                    new Mutation(
                        key.getBytes(StandardCharsets.UTF_8),
                        value.getBytes(StandardCharsets.UTF_8))))));
  }

  @Test
  void the_state_as_text() {
    ShardState state = open("a");
    apply(
        state,
        2,
        next(
            new EntryBody.Descriptor(
                new ShardDescriptor(
                    new ShardId(3),
                    new KeyRange(new byte[] {'a'}, new byte[] {(byte) 0xff}),
                    List.of(new NodeId("00000000000000aa")),
                    4))));
    apply(state, 3, next(put(1, 100, "k", "v")));
    apply(state, 4, next(put(2, 200, "k", "it's\n")));
    apply(state, 7, next(new EntryBody.GarbageFloor(150, 300)));
    assertThat(String.join("\n", state.describe()))
        .isEqualTo(
            """
            chain term 1 number 4
            newest timestamp 300, garbage floor 150
            descriptor s3 ['a', '\\xff') epoch 4 on [00000000000000aa]
            client 00000000000000010000000000000002 below 0 until 5000
              1 until 5000 Committed[version=100]
              2 until 5000 Committed[version=200]
            'k' @200 = 'it\\x27s\\x0a'\
            """);
  }

  @Test
  void the_digest_is_the_same_for_the_same_entries_and_another_for_any_other_state() {
    List<LogEntryFrame> entries =
        List.of(
            next(put(1, 100, "k", "v")),
            next(put(2, 200, "l", "w")),
            next(new EntryBody.GarbageFloor(50, 300)));
    ShardState one = open("one");
    ShardState other = open("other");
    for (int i = 0; i < entries.size(); i++) {
      apply(one, 5 + i, entries.get(i));
      assertThat(one.digest()).isNotEqualTo(other.digest());
      if (i == 1) {
        other.flush(); // files are no content
      }
      apply(other, 5 + i, entries.get(i));
      assertThat(one.digest()).isEqualTo(other.digest());
    }
    String digest = one.digest().digest();
    one.advance(new RaftPosition(1, 9));
    assertThat(one.digest()).isEqualTo(new StateDigest(9, digest));
    other.flush();
    other.close();
    assertThat(open("other").digest()).isEqualTo(new StateDigest(7, digest));
  }

  @Test
  void the_digest_tells_apart_keys_values_versions_and_outcomes() {
    Set<String> digests = new HashSet<>();
    List<EntryBody> bodies =
        List.of(
            put(1, 100, "k", "v"),
            put(2, 100, "k", "v"),
            put(1, 101, "k", "v"),
            put(1, 100, "kv", ""),
            put(1, 100, "", "kv"));
    for (int i = 0; i < bodies.size(); i++) {
      ShardState state = open("s" + i);
      number = 0;
      apply(state, 5, next(bodies.get(i)));
      digests.add(state.digest().digest());
    }
    assertThat(digests).hasSize(bodies.size());
  }

  @Test
  void a_digest_taken_while_entries_are_applied_is_that_of_its_index() throws Exception {
    int count = 2_000;
    List<LogEntryFrame> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      entries.add(next(put(i, 100 + i, "k" + i % 50, "v" + i)));
    }
    ShardState busy = open("busy");
    List<StateDigest> seen = new ArrayList<>();
    AtomicInteger taken = new AtomicInteger();
    Thread applying =
        Thread.ofPlatform()
            .start(() -> {
              for (int i = 0; i < count; i++) {
                apply(busy, 1 + i, entries.get(i));
                int before = taken.get();
                while (i % 400 == 0 && taken.get() < before + 2) { // at least one of this index
                  Thread.onSpinWait();
                }
              }
            });
    while (applying.isAlive()) {
      seen.add(busy.digest());
      taken.incrementAndGet();
    }
    applying.join();
    Map<Long, String> right = new HashMap<>();
    ShardState quiet = open("quiet");
    for (StateDigest each : seen) {
      while (quiet.appliedIndex() < each.appliedIndex()) {
        int i = (int) quiet.appliedIndex();
        apply(quiet, 1 + i, entries.get(i));
      }
      String expected = right.computeIfAbsent(each.appliedIndex(), _ -> quiet.digest().digest());
      assertThat(each.digest()).as("at %d", each.appliedIndex()).isEqualTo(expected);
    }
    assertThat(right).hasSizeGreaterThanOrEqualTo(5);
  }

  /**
   * Entries that the leader's limits let through, whose operations are so small that what the
   * engine holds for each is several times what the log does. Every replica must take them.
   */
  @Test
  void an_entry_of_as_many_small_mutations_as_fit_is_applied() {
    ShardState state = open("a");
    List<Mutation> deletes = new ArrayList<>();
    while (EntryBodyCodec.commandBytes(deletes)
        < ShardLimits.defaults().maxEntryBytes() - 200_000) {
      for (int i = 0; i < 20_000; i++) {
        int n = deletes.size();
        deletes.add(new Mutation(new byte[] {(byte) (n >>> 16), (byte) (n >>> 8), (byte) n}, null));
      }
    }
    apply(
        state,
        1,
        next(
            new EntryBody.Writes(
                List.of(
                    new Command(
                        new ClientId(1, 2), 1, 0, 5000, 100, new Committed(100), deletes)))));
    apply(state, 2, next(put(2, 200, "k", "v")));
    assertThat(state.appliedIndex()).isEqualTo(2);
    assertThat(deletes).hasSizeGreaterThan(600_000);
  }

  @Test
  void an_entry_at_or_below_the_applied_index_changes_nothing() {
    ShardState state = open("a");
    LogEntryFrame frame = next(put(1, 100, "k", "v"));
    apply(state, 5, frame);
    List<String> before = state.describe();
    assertThat(state.apply(new AppliedEntry(1, 5, ByteBuffer.allocate(0)), frame))
        .isEqualTo(ShardState.Result.REPLAYED);
    assertThat(state.describe()).isEqualTo(before);
  }

  @Test
  void the_position_that_a_flush_returns_is_found_after_a_restart() {
    ShardState state = open("a");
    apply(state, 5, next(put(1, 100, "k", "v")));
    state.advance(new RaftPosition(2, 9)); // an entry of Raft's own
    assertThat(state.flush()).isEqualTo(new RaftPosition(2, 9));
    state.close();
    ShardState again = open("a");
    assertThat(again.appliedIndex()).isEqualTo(9);
    assertThat(again.describe()).anyMatch(line -> line.startsWith("'k'"));
  }

  @Test
  void what_was_not_flushed_is_applied_again_from_the_log_to_the_same_state() {
    ShardState state = open("a");
    LogEntryFrame first = next(put(1, 100, "k", "v"));
    apply(state, 5, first);
    state.flush();
    LogEntryFrame second = next(put(2, 200, "k", "w"));
    apply(state, 6, second);
    List<String> before = state.describe();
    state.close();
    ShardState again = open("a");
    assertThat(again.appliedIndex()).isEqualTo(5);
    apply(again, 5, first);
    apply(again, 6, second);
    assertThat(again.describe()).isEqualTo(before);
  }

  @Test
  void a_checkpoint_replaces_the_state_and_open_readers_of_the_old_one_get_an_error() {
    ShardState source = open("source");
    apply(source, 5, next(put(1, 100, "k", "v")));
    Path checkpoint = directory.resolve("checkpoint");
    RaftPosition position = source.checkpoint(checkpoint);
    number = 0;
    ShardState target = open("target");
    for (int i = 0; i < 100; i++) {
      apply(target, i + 1, next(put(i + 1, i + 1, "old" + i, "old")));
    }
    EntryCursor reader = target.cursor(new byte[0], new byte[0], 1000, Direction.FORWARD);
    assertThat(reader.next()).isTrue();
    assertThat(target.install(checkpoint)).isEqualTo(position);
    assertThat(target.describe()).isEqualTo(source.describe());
    assertThatThrownBy(
            () -> {
              while (reader.next()) {
                assertThat(new String(reader.value(), StandardCharsets.UTF_8)).isEqualTo("old");
              }
              throw new StorageException.Closed("it was read to its end from the old state alone");
            })
        .isInstanceOf(StorageException.Closed.class);
    reader.close();
    target.close();
    ShardState again = open("target");
    assertThat(again.describe()).isEqualTo(source.describe());
    assertThat(directory.resolve("target")).isDirectoryNotContaining("glob:**state-000001");
  }

  @Test
  void what_a_crash_left_of_an_installation_is_removed_and_the_old_state_counts()
      throws IOException {
    ShardState state = open("a");
    apply(state, 5, next(put(1, 100, "k", "v")));
    state.flush();
    state.close();
    Path half = directory.resolve("a").resolve("state-000002");
    Files.createDirectories(half);
    Files.writeString(half.resolve("000001.sst"), "half of a table");
    Files.writeString(directory.resolve("a").resolve("CURRENT.new"), "state-00");
    ShardState again = open("a");
    assertThat(again.describe()).anyMatch(line -> line.startsWith("'k'"));
    assertThat(half).doesNotExist();
  }

  @Test
  void a_current_file_that_names_nothing_is_corruption() throws IOException {
    open("a").close();
    Files.writeString(directory.resolve("a").resolve("CURRENT"), "../elsewhere\n");
    assertThatThrownBy(() -> open("a")).isInstanceOf(StorageException.Corruption.class);
  }
}
