package org.ferrisdb.node.cli.storage;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.CliException;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.node.cli.OutputOptions;
import org.ferrisdb.node.cli.transfer.Printable;
import org.ferrisdb.storage.inspect.EngineInspector;
import org.ferrisdb.storage.inspect.Finding;
import org.ferrisdb.storage.inspect.Inspector;
import org.ferrisdb.storage.inspect.Part;
import org.ferrisdb.storage.io.DiskFileSystem;
import org.ferrisdb.storage.key.KeyRange;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ferris inspect FILE|DIR}. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description = {
      "Shows what is in an engine's file or directory, to the last byte.",
      "%nOf a file (.sst, .val, .wal, MANIFEST-, CURRENT) its parts; of an engine's directory the levels"
          + " of the LSM tree, WAL files and leftovers; of any other directory the engines and Raft"
          + " logs below it. It only reads, works beside a running node, and goes on behind damage:"
          + " what is wrong is said where it is. Keys are printed as ASCII with \\xHH and \\\\."
    },
    exitCodeList = {"0:nothing is wrong", "1:something is damaged", ExitCode.USAGE_WORDS},
    footer = {
      "%nExamples:",
      "  ./ferris inspect ~/.ferris/local/n1/data      what engines are there",
      "  ./ferris inspect state-000001                 the shape of one",
      "  ./ferris inspect state-000001 --key city/     where the versions of keys are",
      "  ./ferris inspect 000012.sst --block 0         a block with its entries",
      "  ./ferris inspect 000012.sst --hex             each byte beside its meaning",
      "  ./ferris inspect MANIFEST-000003 -o json      one edit after the other",
    })
public final class InspectCommand implements Callable<Integer> {
  private static final DiskFileSystem FILES = new DiskFileSystem();

  private final CliContext context;

  @Mixin private final OutputOptions output = new OutputOptions();

  @Parameters(paramLabel = "PATH", description = "A file or a directory.")
  private Path path = Path.of("");

  @Option(names = "--hex", description = "The bytes of a file beside their meaning.")
  private boolean hex;

  @Option(names = "--entries", description = "Of a table also the entries of its blocks.")
  private boolean entries;

  @Option(names = "--block", paramLabel = "N", description = "Of a table only this block.")
  private int block = -1;

  @Option(
      names = "--key",
      paramLabel = "PREFIX",
      description =
          "Only what has a key that begins so, or deletes a range that holds one; with \\xHH and"
              + " \\\\, as printed.")
  private @Nullable String key;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "So many of each list (default: ${DEFAULT-VALUE}); 0 is all.")
  private long limit = 100;

  /** Makes the command. */
  public InspectCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    if (limit < 0) {
      throw new CliException(ExitCode.USAGE, "--limit must be 0 or more", "0 is all");
    }
    Inspector.Request request = new Inspector.Request(hex, entries, block, prefix());
    if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString());
    }
    boolean right;
    if (!Files.isDirectory(path)) {
      right = file(request);
    } else if (hex || block >= 0 || entries) {
      throw new CliException(
          ExitCode.USAGE, path + " is a directory", "--hex, --block and --entries are of a file");
    } else if (!Engines.isEngine(path)) {
      if (key != null) {
        throw new CliException(
            ExitCode.USAGE,
            path + " is not the directory of an engine",
            "--key is of one engine; without it the engines below are listed");
      }
      right = list();
    } else if (key != null) {
      right = find(request);
    } else {
      right = engine();
    }
    return right ? ExitCode.OK : ExitCode.NO;
  }

  private byte @Nullable [] prefix() {
    String text = key;
    if (text == null) {
      return null;
    }
    try {
      return Printable.parse(text);
    } catch (IllegalArgumentException e) {
      throw new CliException(
          ExitCode.USAGE,
          "--key: " + Printable.of(text.getBytes(StandardCharsets.UTF_8)) + " is no key",
          "write a byte as \\xHH and a backslash as \\\\");
    }
  }

  private boolean file(Inspector.Request request) throws IOException {
    View view =
        output.json()
            ? new JsonView(context.out(), path.toString())
            : hex ? new HexView(context.out()) : new TextView(context.out());
    Limited limited = new Limited(view, limit);
    boolean right = false;
    try {
      right = Inspector.inspect(FILES, path, request, limited::accept);
    } finally {
      limited.end(right);
    }
    return right;
  }

  private boolean engine() throws IOException {
    Part engine = EngineInspector.inspect(FILES, path);
    boolean right = EngineInspector.isRight(engine);
    if (output.json()) {
      JsonObject json = JsonView.of(engine);
      json.addProperty("path", path.toString());
      json.addProperty("right", right);
      OutputOptions.print(context, json);
    } else {
      new EngineView(context.out(), limit).show(path, engine);
    }
    return right;
  }

  /** The engines below a node's directory. */
  private boolean list() throws IOException {
    Engines found = Engines.below(path);
    if (found.engines().isEmpty() && found.raftLogs().isEmpty()) {
      throw new CliException(
          ExitCode.USAGE, path + " is no engine's directory", "and there is none below it");
    }
    boolean right = true;
    JsonArray engines = new JsonArray();
    for (Path directory : found.engines()) {
      Part engine = EngineInspector.inspect(FILES, directory);
      right &= EngineInspector.isRight(engine);
      if (output.json()) {
        JsonObject json = JsonView.of(engine);
        json.addProperty("path", directory.toString());
        engines.add(json);
      } else {
        context.out().println(directory + "  " + EngineView.summary(engine));
        engine.findings().forEach(f -> context.out().println("    " + TextView.finding(f)));
      }
    }
    if (output.json()) {
      JsonObject json = new JsonObject();
      json.addProperty("path", path.toString());
      json.add("engines", engines);
      JsonArray logs = new JsonArray();
      found.raftLogs().forEach(l -> logs.add(l.toString()));
      json.add("raftLogs", logs);
      json.addProperty("right", right);
      OutputOptions.print(context, json);
    } else {
      found.raftLogs().forEach(l -> context.out().println(l + "  a Raft log, not looked into"));
    }
    return right;
  }

  /** All versions of keys, from the newest place where they can be to the oldest. */
  private boolean find(Inspector.Request request) throws IOException {
    Part engine = EngineInspector.inspect(FILES, path);
    boolean right = EngineInspector.isRight(engine);
    JsonArray places = new JsonArray();
    List<Finding> wrong = new ArrayList<>(engine.findings());
    List<Part> ordered = new ArrayList<>();
    engine.parts().stream().filter(p -> p.kind().equals("wal")).forEach(ordered::addFirst);
    engine.parts().stream()
        .filter(p -> p.kind().equals("level"))
        .forEach(l -> ordered.addAll(l.parts()));
    for (Part file : ordered) {
      List<Part> found = new ArrayList<>();
      wrong.addAll(file.findings());
      try {
        right &=
            Inspector.inspect(
                FILES,
                path.resolve(file.word("name")),
                request,
                part -> {
                  wrong.addAll(part.findings());
                  part.parts().stream()
                      .filter(entry -> isOfEngine(entry, file))
                      .forEach(found::add);
                });
      } catch (NoSuchFileException e) {
        context.complain("inspect", file.word("name") + " was deleted meanwhile; look again");
        right = false;
      }
      for (Part entry : found) {
        if (output.json()) {
          JsonObject json = JsonView.of(entry);
          json.addProperty("file", file.word("name"));
          places.add(json);
        } else {
          context.out().println(file.word("name") + "  " + TextView.line(entry));
        }
      }
    }
    if (output.json()) {
      JsonObject json = new JsonObject();
      json.addProperty("path", path.toString());
      json.add("entries", places);
      json.add("findings", JsonView.findings(wrong));
      json.addProperty("right", right);
      OutputOptions.print(context, json);
    } else {
      wrong.forEach(finding -> context.out().println(TextView.finding(finding)));
    }
    return right;
  }

  /** A file that is shared with another engine, or was cut, may hold more than the engine does. */
  private static boolean isOfEngine(Part entry, Part file) {
    byte[] entryKey = entry.bytes("key");
    return entryKey == null
        || new KeyRange(file.bytes("boundedFrom"), file.bytes("boundedTo")).contains(entryKey);
  }
}
