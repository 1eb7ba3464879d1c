package org.ferrisdb.node.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.ferrisdb.node.cli.cluster.DownCommand;
import org.ferrisdb.node.cli.cluster.KillCommand;
import org.ferrisdb.node.cli.cluster.NodeCommand;
import org.ferrisdb.node.cli.cluster.RestartCommand;
import org.ferrisdb.node.cli.cluster.StatusCommand;
import org.ferrisdb.node.cli.cluster.UpCommand;
import org.ferrisdb.node.cli.data.CasCommand;
import org.ferrisdb.node.cli.data.DeleteCommand;
import org.ferrisdb.node.cli.data.ExportCommand;
import org.ferrisdb.node.cli.data.GetCommand;
import org.ferrisdb.node.cli.data.ImportCommand;
import org.ferrisdb.node.cli.data.PutCommand;
import org.ferrisdb.node.cli.data.ScanCommand;
import org.ferrisdb.node.cli.load.BenchCommand;
import org.ferrisdb.node.cli.load.DemoCommand;
import org.ferrisdb.node.cli.load.GapCommand;
import org.ferrisdb.node.cli.load.TrainCommand;
import org.ferrisdb.node.cli.shell.ShellCommand;
import org.ferrisdb.node.cli.storage.CompactCommand;
import org.ferrisdb.node.cli.storage.InspectCommand;
import org.ferrisdb.node.cli.storage.RepairCommand;
import org.ferrisdb.node.cli.storage.VerifyCommand;

/** The list of commands, in the order of the help text. */
final class Commands {
  private Commands() {}

  /** Names and how to make them; a class is loaded only when its command is made. */
  static Map<String, Function<CliContext, Object>> all() {
    Map<String, Function<CliContext, Object>> commands = new LinkedHashMap<>();
    commands.put("demo", c -> new DemoCommand(c));
    commands.put("up", c -> new UpCommand(c));
    commands.put("down", c -> new DownCommand(c));
    commands.put("restart", c -> new RestartCommand(c));
    commands.put("kill", c -> new KillCommand(c));
    commands.put("status", c -> new StatusCommand(c));
    commands.put("shell", c -> new ShellCommand(c));
    commands.put("put", c -> new PutCommand(c));
    commands.put("get", c -> new GetCommand(c));
    commands.put("delete", c -> new DeleteCommand(c));
    commands.put("cas", c -> new CasCommand(c));
    commands.put("scan", c -> new ScanCommand(c));
    commands.put("import", c -> new ImportCommand(c));
    commands.put("export", c -> new ExportCommand(c));
    commands.put("inspect", c -> new InspectCommand(c));
    commands.put("verify", c -> new VerifyCommand(c));
    commands.put("repair", c -> new RepairCommand(c));
    commands.put("compact", c -> new CompactCommand(c));
    commands.put("bench", c -> new BenchCommand(c));
    commands.put("gap", c -> new GapCommand(c));
    commands.put("train", c -> new TrainCommand(c));
    commands.put("completion", c -> new CompletionCommand(c));
    commands.put("node", c -> new NodeCommand(c));
    return commands;
  }
}
