package org.ferrisdb.storage;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.ferrisdb.storage.StorageEngine.Direction;
import org.ferrisdb.storage.key.KeyRange;
import org.ferrisdb.storage.memtable.MemtableKind;
import org.ferrisdb.storage.testing.EngineModel;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.ferrisdb.storage.testing.Golden;
import org.ferrisdb.storage.testing.Leaks;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The engine as a conversation: {@code put K TS V}, {@code delete K TS}, {@code clear FROM TO TS},
 * {@code get K TS}, {@code scan FROM TO TS} ({@code -} is open), {@code rscan}, {@code flush},
 * {@code compact}, {@code floor TS}, {@code levels}, {@code files}, {@code crash}, {@code reopen},
 * {@code checkpoint NAME}, {@code share NAME FROM TO} (a checkpoint of the range), {@code excise
 * FROM TO}, {@code ingest K TS V}, {@code use NAME}.
 */
final class EngineScriptTest {
  private static final StorageOptions OPTIONS =
      new StorageOptions(Durability.WAL, 1 << 20, 300, 4_000, 20_000, 4, 12, MemtableKind.TRIE);

  private final FaultyFileSystem files = new FaultyFileSystem();
  private Path home = Path.of("/disk/engine");
  private StorageEngine engine = open();

  private StorageEngine open() {
    return StorageEngine.open(files, home, OPTIONS, Leaks.inline(1 << 20));
  }

  @Test
  void answers_as_the_script_says() {
    Golden.script("engine.txt", this::run);
    engine.close();
  }

  private String run(List<String> words) {
    return switch (words.getFirst()) {
      case "put" -> {
        engine.write(
            new WriteBatch()
                .put(bytes(words.get(1)), Long.parseLong(words.get(2)), bytes(words.get(3))));
        yield "ok";
      }
      case "delete" -> {
        engine.write(new WriteBatch().delete(bytes(words.get(1)), Long.parseLong(words.get(2))));
        yield "ok";
      }
      case "clear" -> {
        engine.write(
            new WriteBatch()
                .deleteRange(
                    bytes(words.get(1)), bytes(words.get(2)), Long.parseLong(words.get(3))));
        yield "ok";
      }
      case "get" -> show(engine.get(bytes(words.get(1)), Long.parseLong(words.get(2))));
      case "scan" -> scan(words, Direction.FORWARD);
      case "rscan" -> scan(words, Direction.REVERSE);
      default -> manage(words);
    };
  }

  private String manage(List<String> words) {
    switch (words.getFirst()) {
      case "flush" -> engine.flush();
      case "compact" -> engine.compact();
      case "floor" -> engine.raiseGarbageFloor(Long.parseLong(words.get(1)));
      case "levels" -> {
        return levels();
      }
      case "files" -> {
        return list();
      }
      case "crash" -> {
        files.crash(null);
        engine.close();
        engine = open();
      }
      case "reopen" -> {
        engine.close();
        engine = open();
      }
      case "checkpoint" -> {
        return engine.checkpoint(Path.of("/disk", words.get(1))).files().stream()
            .map(StorageEngine.CheckpointFile::name)
            .collect(Collectors.joining("\n"));
      }
      case "share" -> {
        return engine.checkpoint(Path.of("/disk", words.get(1)), range(words)).files().stream()
            .map(StorageEngine.CheckpointFile::name)
            .collect(Collectors.joining("\n"));
      }
      case "excise" -> engine.excise(range(words), AppliedPosition.NONE);
      case "ingest" -> {
        Path ready = Path.of("/disk/ready-" + words.get(1));
        try (TableBuilder table = TableBuilder.create(files, ready, OPTIONS)) {
          table.put(bytes(words.get(1)), Long.parseLong(words.get(2)), bytes(words.get(3)));
          table.finish();
        }
        engine.ingest(List.of(ready), AppliedPosition.NONE);
      }
      case "use" -> {
        engine.close();
        home = Path.of("/disk", words.get(1));
        engine = open();
      }
      default -> throw new IllegalArgumentException(words.toString());
    }
    return "ok";
  }

  private static KeyRange range(List<String> words) {
    String from = bound(words.get(words.size() - 2));
    String to = bound(words.getLast());
    return new KeyRange(from == null ? null : bytes(from), to == null ? null : bytes(to));
  }

  private String scan(List<String> words, Direction direction) {
    return String.join(
        "\n",
        EngineModel.scan(
            engine,
            bound(words.get(1)),
            bound(words.get(2)),
            Long.parseLong(words.get(3)),
            direction));
  }

  private static @Nullable String bound(String word) {
    return word.equals("-") ? null : word;
  }

  private static String show(@Nullable Versioned found) {
    if (found == null) {
      return "none";
    }
    return found.kind() + " @" + found.timestamp() + " " + EngineModel.text(found.value());
  }

  private String levels() {
    StringBuilder text = new StringBuilder();
    EngineStats stats = engine.stats();
    for (int level = 0; level < stats.levelTables().size(); level++) {
      if (stats.levelTables().get(level) > 0) {
        text.append("L").append(level).append(": ").append(stats.levelTables().get(level));
        text.append(" tables\n");
      }
    }
    return text.isEmpty() ? "empty" : text.toString();
  }

  private String list() {
    try {
      return String.join("\n", files.list(home));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static byte[] bytes(String text) {
    return EngineModel.bytes(text);
  }
}
