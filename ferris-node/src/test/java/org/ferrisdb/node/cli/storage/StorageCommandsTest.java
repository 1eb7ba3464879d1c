package org.ferrisdb.node.cli.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.node.cli.FerrisCli;
import org.ferrisdb.raft.DataDirectoryLock;
import org.ferrisdb.storage.AppliedPosition;
import org.ferrisdb.storage.Durability;
import org.ferrisdb.storage.StorageEngine;
import org.ferrisdb.storage.StorageOptions;
import org.ferrisdb.storage.StorageResources;
import org.ferrisdb.storage.WriteBatch;
import org.ferrisdb.storage.io.DiskFileSystem;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.Golden;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands on a small engine: what they print, their exit statuses, and what they change. */
class StorageCommandsTest {
  @TempDir private Path dir;

  private Path engine = Path.of("");

  private record Run(int exitCode, String out, String err) {}

  private static Run run(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    CliContext context =
        CliContext.plain(
            new ByteArrayInputStream(new byte[0]),
            new PrintStream(out, true, UTF_8),
            new PrintStream(err, true, UTF_8),
            Map.of());
    int exitCode = FerrisCli.run(args, context);
    return new Run(exitCode, out.toString(UTF_8), err.toString(UTF_8));
  }

  /** A table of two levels, and a WAL with two batches. */
  @BeforeEach
  void write() {
    engine = dir.resolve("engine");
    try (StorageResources resources = StorageResources.inline(1 << 20);
        StorageEngine opened =
            StorageEngine.open(
                new DiskFileSystem(), engine, StorageOptions.defaults(Durability.WAL), resources)) {
      put(opened, "apple", 4, "red");
      put(opened, "banana", 5, "yellow");
      opened.compact();
      opened.write(new WriteBatch().delete(EngineModel.bytes("apple"), 9).at(at(8)));
      opened.flush();
      opened.write(
          new WriteBatch()
              .deleteRange(EngineModel.bytes("x"), EngineModel.bytes("z"), 10)
              .at(at(10)));
      put(opened, "b\0\\", 11, "");
      put(opened, "cherry", 12, "red");
    }
  }

  private static void put(StorageEngine opened, String key, long timestamp, String value) {
    opened.write(
        new WriteBatch()
            .put(EngineModel.bytes(key), timestamp, EngineModel.bytes(value))
            .at(at(timestamp)));
  }

  private static AppliedPosition at(long index) {
    return new AppliedPosition(2, index);
  }

  private Path file(String part) throws IOException {
    try (Stream<Path> files = Files.list(engine)) {
      return files
          .filter(f -> f.getFileName().toString().contains(part))
          .sorted()
          .findFirst()
          .orElseThrow();
    }
  }

  private void flip(Path file, int at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[at] ^= 1;
    Files.write(file, bytes);
  }

  private String inspect(Path path, String... options) {
    String[] args =
        Stream.concat(Stream.of("inspect", path.toString()), Stream.of(options))
            .toArray(String[]::new);
    Run run = run(args);
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    return "> ./ferris inspect "
        + dir.relativize(path)
        + " "
        + String.join(" ", options)
        + "\n"
        + run.out().replace(dir.toString(), "DIR")
        + "\n";
  }

  @Test
  void each_kind_of_file_is_shown_as_the_golden_text() throws IOException {
    StringBuilder text = new StringBuilder(inspect(engine));
    text.append(inspect(engine, "--key", "a"));
    for (String part : List.of(".sst", ".wal", "MANIFEST", "CURRENT")) {
      text.append(inspect(file(part)));
      text.append(inspect(file(part), "--hex"));
    }
    text.append(inspect(file(".sst"), "--block", "0"));
    text.append(inspect(file(".wal"), "--key", "b\\x00\\\\"));
    text.append(inspect(file(".wal"), "--limit", "1"));
    Golden.file("inspect.txt", text.toString());
  }

  @Test
  void values_apart_from_their_keys_are_shown_as_the_golden_text() throws IOException {
    engine = dir.resolve("apart");
    StorageOptions options =
        StorageOptions.defaults(Durability.EXTERNAL_LOG).withValuesApartFrom(10);
    try (StorageResources resources = StorageResources.inline(1 << 20);
        StorageEngine opened =
            StorageEngine.open(new DiskFileSystem(), engine, options, resources)) {
      put(opened, "apple", 4, "red");
      put(opened, "banana", 5, "yellow, green at times");
      put(opened, "cherry", 6, "red ".repeat(100));
      opened.flush();
    }

    StringBuilder text = new StringBuilder(inspect(engine));
    text.append(inspect(file(".sst"), "--block", "0", "--hex"));
    text.append(inspect(file(".val"))).append(inspect(file(".val"), "--hex"));
    text.append(inspect(file(".val"), "--block", "1"));
    Golden.file("inspect-values.txt", text.toString());
  }

  @Test
  void json_says_the_same() throws IOException {
    for (String part : List.of(".sst", ".wal", "MANIFEST", "CURRENT")) {
      Run run = run("inspect", file(part).toString(), "--hex", "-o", "json");
      JsonObject json = JsonParser.parseString(run.out()).getAsJsonObject();
      assertThat(json.get("right").getAsBoolean()).isTrue();
      assertThat(json.getAsJsonArray("parts")).isNotEmpty();
    }
    JsonObject shape =
        JsonParser.parseString(run("inspect", engine.toString(), "-o", "json").out())
            .getAsJsonObject();
    assertThat(shape.get("index").getAsLong()).isEqualTo(8);
    assertThat(shape.getAsJsonArray("parts"))
        .extracting(p -> p.getAsJsonObject().get("kind").getAsString())
        .contains("level", "wal");
    JsonElement found =
        JsonParser.parseString(
                run("inspect", engine.toString(), "--key", "apple", "-o", "json").out())
            .getAsJsonObject()
            .get("entries");
    assertThat(found.getAsJsonArray()).hasSize(2);
  }

  @Test
  void damage_is_told_with_file_and_offset_and_the_rest_is_shown() throws IOException {
    Path table = file(".sst");
    flip(table, 20);
    Run run = run("inspect", table.toString());
    assertThat(run.exitCode()).isEqualTo(ExitCode.NO);
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains("WRONG: " + table.getFileName() + " at offset 16: damaged: ")
        .contains("properties")
        .contains("apple to before banana");
    assertThat(run("verify", engine.toString()).exitCode()).isEqualTo(ExitCode.NO);
    Run sought = run("inspect", engine.toString(), "--key", "apple");
    assertThat(sought.exitCode()).isEqualTo(ExitCode.NO);
    assertThat(sought.out()).contains(table.getFileName() + " at offset 16: damaged: ");
    flip(table, 20);
    flip(table, (int) Files.size(table) - 20); // the footer: nobody knows where the blocks are
    sought = run("inspect", engine.toString(), "--key", "apple");
    assertThat(sought.exitCode()).isEqualTo(ExitCode.NO);
    assertThat(sought.out()).contains(table.getFileName() + " at offset ");
    sought = run("inspect", engine.toString(), "--key", "apple", "-o", "json");
    assertThat(JsonParser.parseString(sought.out()).getAsJsonObject().getAsJsonArray("findings"))
        .isNotEmpty();
    Files.write(table, new byte[] {1, 2, 3});
    assertThat(run("inspect", table.toString()).exitCode()).isEqualTo(ExitCode.NO);
    Files.write(table, new byte[0]);
    assertThat(run("inspect", table.toString(), "--hex").err()).isEmpty();
  }

  @Test
  void verify_of_a_sound_engine_and_of_a_directory_above() {
    assertThat(run("verify", engine.toString()).out()).contains("sound; read 2 tables");
    Run above = run("verify", dir.toString(), "-o", "json");
    assertThat(above.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(JsonParser.parseString(above.out()).getAsJsonObject().get("problems").getAsInt())
        .isZero();
    assertThat(run("inspect", dir.toString()).out()).contains("2 tables").contains("2:8");
  }

  @Test
  void mistakes_are_answered_with_a_line() throws IOException {
    assertThat(run("inspect", dir.resolve("no").toString()).exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run("verify", dir.resolve("no").toString()).exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run("compact", dir.toString()).err()).contains("there is " + engine);
    assertThat(run("verify", file(".sst").toString()).err()).contains("is a file");
    assertThat(run("inspect", dir.toString(), "--key", "a").err()).contains("one engine");
    assertThat(run("inspect", engine.toString(), "--hex").exitCode()).isEqualTo(ExitCode.USAGE);
    Path note = Files.writeString(dir.resolve("note.txt"), "nothing of ours");
    Run run = run("inspect", note.toString());
    assertThat(run.exitCode()).isEqualTo(ExitCode.NO);
    assertThat(run.err()).isEmpty();
  }

  @Test
  void compact_says_what_each_level_was_and_keeps_the_content() {
    Run run = run("compact", engine.toString());
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).contains("level 0: ").contains("compacted ");
    assertThat(run("inspect", engine.toString(), "--key", "").out())
        .contains("cherry @12")
        .contains("apple @9  tombstone");
  }

  @Test
  void blocks_compressed_with_zstd_are_shown_with_what_is_in_them() throws IOException {
    try (StorageResources resources = StorageResources.inline(1 << 20);
        StorageEngine opened =
            StorageEngine.open(
                new DiskFileSystem(), engine, StorageOptions.defaults(Durability.WAL), resources)) {
      put(opened, "plum", 20, "blue".repeat(200));
    }
    assertThat(run("compact", engine.toString(), "--compression", "zstd").exitCode())
        .isEqualTo(ExitCode.OK);
    String shown = inspect(file(".sst"), "--block", "0", "--hex");
    assertThat(shown)
        .contains("Zstd of ")
        .contains("raw length")
        .contains("Zstd frame")
        .contains("2, Zstd")
        .contains("decompressed, ")
        .contains("\"plum\"");
    assertThat(run("verify", engine.toString()).exitCode()).isEqualTo(ExitCode.OK);
    Run wrong = run("compact", engine.toString(), "--compression", "gzip");
    assertThat(wrong.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(wrong.err()).contains("gzip").contains("ZSTD");
  }

  @Test
  void repair_only_says_what_it_would_do_until_it_is_told_to() throws IOException {
    assertThat(run("repair", engine.toString()).out()).contains("nothing to repair");
    Files.delete(file("MANIFEST"));
    Files.delete(file("CURRENT"));
    Run dry = run("repair", engine.toString());
    assertThat(dry.exitCode()).isEqualTo(ExitCode.NO);
    assertThat(dry.out()).contains("would merge 2 tables and 1 WAL files").contains("--yes");
    assertThat(engine.resolve("lost")).doesNotExist();
    Run done = run("repair", engine.toString(), "--yes", "-o", "json");
    assertThat(done.exitCode()).isEqualTo(ExitCode.OK);
    JsonObject json = JsonParser.parseString(done.out()).getAsJsonObject();
    assertThat(json.get("entries").getAsLong()).isEqualTo(5);
    assertThat(engine.resolve("lost")).isDirectory();
    assertThat(run("verify", engine.toString()).exitCode()).isEqualTo(ExitCode.OK);
  }

  @Test
  void a_repair_works_through_a_symbolic_link_and_a_replica_is_known_behind_one()
      throws IOException {
    Path link = Files.createSymbolicLink(dir.resolve("link"), engine);
    Files.delete(file("MANIFEST"));
    Files.delete(file("CURRENT"));
    Run done = run("repair", link.toString(), "--yes");
    assertThat(done.err()).isEmpty();
    assertThat(done.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(link).isSymbolicLink();
    assertThat(engine.resolve("lost")).isDirectory();
    assertThat(run("verify", engine.toString()).exitCode()).isEqualTo(ExitCode.OK);
    Path shard = Files.createDirectories(dir.resolve("data/state/s1"));
    Files.writeString(shard.resolve("CURRENT"), "state-000001\n");
    Files.move(engine, shard.resolve("state-000001"));
    Files.delete(link);
    Files.createSymbolicLink(link, shard.resolve("state-000001"));
    Run refused = run("repair", link.toString(), "--yes");
    assertThat(refused.exitCode()).isEqualTo(ExitCode.NO);
    assertThat(refused.err()).contains("replica of a cluster");
  }

  @Test
  void an_engine_that_is_open_is_shown_and_verified_but_not_changed() throws IOException {
    try (StorageResources resources = StorageResources.inline(1 << 20);
        StorageEngine opened =
            StorageEngine.open(
                new DiskFileSystem(), engine, StorageOptions.defaults(Durability.WAL), resources)) {
      for (String command : List.of("compact", "repair")) {
        Run run = run(command, engine.toString());
        assertThat(run.exitCode()).as(command).isEqualTo(ExitCode.NO);
        assertThat(run.err()).contains("open in another engine").contains("close that first");
      }
      assertThat(run("verify", engine.toString()).exitCode()).isEqualTo(ExitCode.OK);
      assertThat(inspect(engine)).contains("LOCK  held by whoever has the engine open");
      assertThat(inspect(engine.resolve("LOCK"))).contains("LOCK: lock");
      put(opened, "later", 13, "on");
    }
    assertThat(run("compact", engine.toString()).exitCode()).isEqualTo(ExitCode.OK);
  }

  @Test
  void a_key_is_found_in_the_range_tombstones_that_cover_it() {
    assertThat(run("compact", engine.toString()).exitCode()).isEqualTo(ExitCode.OK);
    assertThat(inspect(engine, "--key", "yak"))
        .contains(".sst  x to before z @10  range tombstone");
    assertThat(inspect(engine, "--key", "x")).contains("range tombstone");
    assertThat(inspect(engine, "--key", "w")).doesNotContain("range tombstone");
    assertThat(inspect(engine, "--key", "z")).doesNotContain("range tombstone");
    assertThat(inspect(engine, "--key", "")).contains("range tombstone");
  }

  @Test
  void a_replica_of_a_cluster_is_not_repaired_and_one_of_a_running_node_not_compacted()
      throws IOException {
    Path replica = dir.resolve("data/state/s1/state-000001");
    Files.createDirectories(replica);
    try (Stream<Path> files = Files.list(engine)) {
      for (Path file : files.toList()) {
        Files.copy(file, replica.resolve(file.getFileName()));
      }
    }
    Files.writeString(dir.resolve("data/state/s1/CURRENT"), "state-000001\n");
    Run repair = run("repair", replica.toString(), "--yes");
    assertThat(repair.exitCode()).isEqualTo(ExitCode.NO);
    assertThat(repair.err()).contains("replica of a cluster").contains("peers");
    try (DataDirectoryLock _ = DataDirectoryLock.acquire(dir.resolve("data"))) {
      Run compact = run("compact", replica.toString());
      assertThat(compact.exitCode()).isEqualTo(ExitCode.NO);
      assertThat(compact.err()).contains("is in use");
    }
    assertThat(run("compact", replica.toString()).exitCode()).isEqualTo(ExitCode.OK);
  }
}
