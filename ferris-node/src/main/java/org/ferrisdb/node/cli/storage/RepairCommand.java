package org.ferrisdb.node.cli.storage;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.CliException;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.node.cli.OutputOptions;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.inspect.Finding;
import org.ferrisdb.storage.io.DiskFileSystem;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.manifest.DirectoryLock;
import org.ferrisdb.storage.repair.Repair;
import org.ferrisdb.storage.repair.RepairPlan;
import org.ferrisdb.storage.repair.RepairPlan.Remedy;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ferris repair DIR}. */
@Command(
    name = "repair",
    mixinStandardHelpOptions = true,
    description = {
      "Rebuilds an engine whose manifest is lost or damaged.",
      "%nWithout --yes it only says what it would do. If a whole manifest is there, CURRENT is"
          + " pointed to it and nothing is lost. Else all tables and WAL files that can be read are"
          + " merged into one sorted run; damaged ones, and all that was merged, are moved to lost/"
          + " and never deleted.",
      "%nWhat a rebuild can not know: which tables a compaction had replaced but not deleted yet (a"
          + " deleted key may come back), which of two different values of one version was written"
          + " last (the newer file's is kept), what was only in damaged files (older versions of"
          + " those keys come to light), the position in a replicated log (recorded as none).",
      "%nA replica of a cluster is never repaired so: its peers have the right data, and its node"
          + " rebuilds it from them."
    },
    exitCodeList = {
      "0:all is well, or the repair is done",
      "1:not done: --yes is missing, it is in use, a replica, or the disk failed",
      ExitCode.USAGE_WORDS
    },
    footer = {
      "%nExamples:",
      "  ./ferris repair /var/lib/my-application/engine           what it would do",
      "  ./ferris repair /var/lib/my-application/engine --yes     does it",
    })
public final class RepairCommand implements Callable<Integer> {
  /** Lost versions that are named to people. */
  private static final int LOST_NAMED = 20;

  private final CliContext context;

  @Mixin private final OutputOptions output = new OutputOptions();

  @Parameters(paramLabel = "DIR", description = "The directory of an engine.")
  private Path directory = Path.of("");

  @Option(names = "--yes", description = "Do it.")
  private boolean yes;

  /** Makes the command. */
  public RepairCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException {
    Path engine = Engines.require(directory);
    if (Engines.isReplica(engine)) {
      throw new CliException(
          ExitCode.NO,
          engine + " is a replica of a cluster, and its peers have the right data",
          "let the node rebuild it from them; if all replicas are lost, copy the directory and"
              + " repair the copy");
    }
    DiskFileSystem files = new DiskFileSystem();
    try (InUse _ = InUse.refuse(engine);
        FileSystem.Lock _ = DirectoryLock.take(files, engine)) {
      RepairPlan plan = RepairPlan.of(files, engine);
      Repair.Result result =
          yes ? Repair.run(files, engine, plan) : Repair.tryOut(files, engine, plan);
      if (output.json()) {
        OutputOptions.print(context, json(plan, result));
      } else {
        print(plan, result);
      }
      return yes || plan.remedy() == Remedy.NOTHING ? ExitCode.OK : ExitCode.NO;
    } catch (StorageException e) {
      throw new CliException(ExitCode.NO, String.valueOf(e.getMessage()), "nothing was deleted");
    }
  }

  private void print(RepairPlan plan, Repair.Result result) {
    PrintStream out = context.out();
    plan.findings().forEach(f -> out.println(TextView.finding(f)));
    switch (plan.remedy()) {
      case NOTHING -> out.println("nothing to repair");
      case RESTORE_CURRENT ->
          out.println(
              "%s is whole: CURRENT %s; nothing is lost"
                  .formatted(plan.manifest(), yes ? "names it again" : "would name it again"));
      case REBUILD -> rebuild(plan, result, out);
    }
    if (!yes && plan.remedy() != Remedy.NOTHING) {
      out.println("nothing was changed; --yes does it");
    }
  }

  private void rebuild(RepairPlan plan, Repair.Result result, PrintStream out) {
    out.println(
        "%s %d tables and %d WAL files into one sorted run: %d entries of %d keys"
            .formatted(
                yes ? "merged" : "would merge",
                plan.tables().size(),
                plan.wals().size(),
                result.entries(),
                result.keys()));
    plan.damaged()
        .forEach(name ->
            out.println(
                name
                    + (yes ? " is damaged and now in lost/" : " is damaged and would go to lost/")
                    + "; what only it held is lost, and older versions of its keys come to light"));
    if (!result.lost().isEmpty()) {
      out.println(
          "%d versions %s, because their values lay in files that are damaged or not there; older"
                  .formatted(result.lost().size(), yes ? "are lost" : "would be lost")
              + " versions of these keys come to light:");
      result.lost().stream().limit(LOST_NAMED).forEach(name -> out.println("  " + name));
      if (result.lost().size() > LOST_NAMED) {
        out.println("  and more; -o json names all");
      }
    }
    out.println("what can not be known:");
    if (plan.manifest() == null) {
      out.println(
          "  tables that a compaction replaced and had not deleted yet: a deleted key may be back");
      out.println(
          "  (%d tables are known to be replaced, and left out)".formatted(plan.obsolete().size()));
      out.println(
          "  which part of a file that another engine shares belongs to this one: other keys may be"
              + " back (known of %d tables)".formatted(plan.bounds().size()));
    }
    if (result.conflicts() > 0) {
      out.println(
          "  %d versions were there twice with different values: kept that of the newer file"
              .formatted(result.conflicts()));
    }
    out.println("  the position in a replicated log: recorded as none");
    out.println(
        plan.garbageFloor() == 0
            ? "  the garbage floor: recorded as 0"
            : "  the garbage floor: recorded as %d, from what was readable"
                .formatted(plan.garbageFloor()));
    if (yes) {
      out.println(
          "wrote %d tables; %d files are in lost/, delete it when you are content"
              .formatted(result.tables().size(), result.moved().size()));
    }
  }

  private JsonObject json(RepairPlan plan, Repair.Result result) {
    JsonObject json = new JsonObject();
    json.addProperty("remedy", plan.remedy().name());
    json.addProperty("done", yes && plan.remedy() != Remedy.NOTHING);
    json.addProperty("tables", plan.tables().size());
    json.addProperty("walFiles", plan.wals().size());
    json.addProperty("entries", result.entries());
    json.addProperty("keys", result.keys());
    json.addProperty("conflicts", result.conflicts());
    json.addProperty("garbageFloor", plan.garbageFloor());
    json.add("damaged", strings(plan.damaged()));
    json.add("lost", strings(result.lost()));
    json.add("moved", strings(result.moved()));
    JsonArray findings = new JsonArray();
    for (Finding finding : plan.findings()) {
      findings.add(JsonView.of(finding));
    }
    json.add("findings", findings);
    return json;
  }

  private static JsonArray strings(Iterable<String> names) {
    JsonArray array = new JsonArray();
    names.forEach(array::add);
    return array;
  }
}
