package org.ferrisdb.node.cli.storage;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.CliException;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.node.cli.OutputOptions;
import org.ferrisdb.storage.Durability;
import org.ferrisdb.storage.EngineStats;
import org.ferrisdb.storage.LevelCompression;
import org.ferrisdb.storage.StorageEngine;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.StorageOptions;
import org.ferrisdb.storage.StorageResources;
import org.ferrisdb.storage.io.DiskFileSystem;
import org.ferrisdb.storage.sstable.Compression;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ferris compact DIR}. */
@Command(
    name = "compact",
    mixinStandardHelpOptions = true,
    description = {
      "Compacts all of an engine that is not in use into one level.",
      "%nOpens the engine, replaying its WAL into tables, merges all tables, drops what the garbage"
          + " floor allows, and says how large each level was and is. What the engine answers does"
          + " not change. It needs as much free space as the engine has data."
    },
    exitCodeList = {
      "0:compacted",
      "1:the engine is in use, damaged, or the disk failed",
      ExitCode.USAGE_WORDS
    },
    footer = {"%nExample:", "  ./ferris compact /var/lib/my-application/engine"})
public final class CompactCommand implements Callable<Integer> {
  private static final long CACHE_BYTES = 8 << 20;

  private final CliContext context;

  @Mixin private final OutputOptions output = new OutputOptions();

  @Parameters(paramLabel = "DIR", description = "The directory of an engine.")
  private Path directory = Path.of("");

  @Option(
      names = "--compression",
      paramLabel = "KIND",
      defaultValue = "lz4",
      description =
          "What the tables are compressed with: none, lz4 or zstd. Default: ${DEFAULT-VALUE}")
  private Compression compression = Compression.LZ4;

  /** Makes the command. */
  public CompactCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    Path engine = Engines.require(directory);
    try (InUse _ = InUse.refuse(engine);
        StorageResources resources = new StorageResources(CACHE_BYTES, 1);
        // Whoever wrote it: what is in its WAL is flushed at opening, and none is begun.
        StorageEngine opened =
            StorageEngine.open(
                new DiskFileSystem(),
                engine,
                StorageOptions.defaults(Durability.EXTERNAL_LOG)
                    .withCompression(LevelCompression.same(compression)),
                resources)) {
      EngineStats before = opened.stats();
      opened.compact();
      print(before, opened.stats());
      return ExitCode.OK;
    } catch (StorageException.InUse e) {
      throw new CliException(ExitCode.NO, String.valueOf(e.getMessage()), "nothing was changed");
    } catch (StorageException e) {
      throw new CliException(
          ExitCode.NO, String.valueOf(e.getMessage()), "./ferris verify tells all that is wrong");
    }
  }

  private void print(EngineStats before, EngineStats after) {
    JsonArray levels = new JsonArray();
    for (int level = 0; level < before.levelBytes().size(); level++) {
      long had = before.levelBytes().get(level);
      long has = after.levelBytes().get(level);
      if (had == 0 && has == 0) {
        continue;
      }
      int tablesBefore = before.levelTables().get(level);
      int tables = after.levelTables().get(level);
      if (output.json()) {
        JsonObject json = new JsonObject();
        json.addProperty("level", level);
        json.addProperty("tablesBefore", tablesBefore);
        json.addProperty("bytesBefore", had);
        json.addProperty("tables", tables);
        json.addProperty("bytes", has);
        levels.add(json);
      } else {
        context
            .out()
            .println(
                "level %d: %d tables, %d bytes, before; %d tables, %d bytes, now"
                    .formatted(level, tablesBefore, had, tables, has));
      }
    }
    if (!output.json() && before.values().files() + after.values().files() > 0) {
      context
          .out()
          .println(
              "values: %d files, %d bytes, before; %d files, %d bytes, now"
                  .formatted(
                      before.values().files(),
                      before.values().bytes(),
                      after.values().files(),
                      after.values().bytes()));
    }
    long had = before.tableBytes() + before.values().bytes();
    long has = after.tableBytes() + after.values().bytes();
    if (output.json()) {
      JsonObject json = new JsonObject();
      json.add("levels", levels);
      json.addProperty("valueBytesBefore", before.values().bytes());
      json.addProperty("valueBytes", after.values().bytes());
      json.addProperty("bytesBefore", had);
      json.addProperty("bytes", has);
      OutputOptions.print(context, json);
    } else {
      context.out().println("compacted %d bytes into %d".formatted(had, has));
    }
  }
}
