package org.ferrisdb.node.cli.shell;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.ferrisdb.client.FerrisException;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.CliException;
import org.ferrisdb.node.cli.ConnectionOptions;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.node.cli.cluster.DirOption;
import org.ferrisdb.node.cli.data.Connections;
import org.ferrisdb.node.local.LocalCluster;
import org.ferrisdb.node.local.NodeProcess;
import org.jline.terminal.Terminal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ferris shell}. */
@Command(
    name = "shell",
    mixinStandardHelpOptions = true,
    description = {
      "Reads commands and runs them over one open connection.",
      "%nThe commands are those of the command line: put, get, scan, status and so on."
          + " On a terminal Tab completes commands, options and keys of the cluster, and"
          + " the time of each command is shown; help, history and exit are there, too. Ctrl-C"
          + " cancels a command, Ctrl-D leaves.",
      "%nWithout a terminal it runs what it reads line by line, and stops at the first command"
          + " whose exit status is not 0, with that status. Words may be quoted as in a POSIX"
          + " shell; a line that begins with # is a comment.",
    },
    exitCodeList = {
      "0:on a terminal: left; else: all commands ended with 0",
      "1 to 4:that of the first command that failed",
      ExitCode.USAGE_WORDS
    },
    footer = {
      "%nExamples:",
      "  ./ferris shell",
      "  ./ferris shell < load.ferris",
      "  echo 'scan --prefix city/' | ./ferris shell --url ferris://10.0.0.1:7001",
      "%nThe history is in FERRIS_DIR/shell-history, else in ~/.ferris/shell-history.",
    })
public final class ShellCommand implements Callable<Integer> {
  private final CliContext context;

  @Mixin private final ConnectionOptions connection = new ConnectionOptions();

  @Option(
      names = "--keep-going",
      description =
          "Without a terminal: run the commands after one that failed, too; the exit status is"
              + " that of the first that failed.")
  private boolean keepGoing;

  /** Makes the command. */
  public ShellCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    String url = connection.uri(context).toString();
    Map<String, String> environment = new HashMap<>(context.environment());
    environment.put(ConnectionOptions.URL_VARIABLE, url);
    boolean onTerminal = context.inIsTerminal() && context.outIsTerminal();
    if (onTerminal) {
      environment.remove("COLUMNS"); // of when the shell began; the terminal may be resized
    }
    CliContext inside =
        new CliContext(
            context.in(),
            context.out(),
            context.err(),
            environment,
            context.inIsTerminal(),
            context.outIsTerminal(),
            context.errIsTerminal(),
            context.host());
    if (onTerminal) {
      return context.host().onTerminal(terminal -> onTerminal(inside, terminal, url));
    }
    try (ShellHost host = new ShellHost(context.host(), url, null)) {
      return new ScriptShell(inside, host, keepGoing).run();
    }
  }

  private int onTerminal(CliContext inside, Terminal terminal, String url) {
    try (ShellHost host = new ShellHost(context.host(), url, terminal)) {
      Path history = history(context.environment());
      TerminalShell shell = new TerminalShell(inside, host, terminal, history, () -> nodes(inside));
      shell.faintly("FerrisDB at " + url);
      shell.faintly("help lists the commands, Tab completes, Ctrl-D leaves");
      connectMeanwhile(inside, host);
      shell.run();
      return ExitCode.OK;
    }
  }

  /** The first command or the first Tab shall not have to. Who can not be reached is told then. */
  private void connectMeanwhile(CliContext inside, ShellHost host) {
    Thread.ofVirtual()
        .name("connect")
        .start(() -> {
          try {
            Connections.open(withHost(inside, host), connection).close();
          } catch (FerrisException | CliException e) {
            // The first command will say so.
          }
        });
  }

  private static CliContext withHost(CliContext c, ShellHost host) {
    return new CliContext(c.in(), c.out(), c.err(), c.environment(), false, false, false, host);
  }

  private static List<String> nodes(CliContext inside) {
    return LocalCluster.open(new DirOption().path(inside))
        .map(c -> c.nodes().stream().map(NodeProcess::name).toList())
        .orElse(List.of());
  }

  /** Beside the local cluster's files if these have a place of their own. */
  static Path history(Map<String, String> environment) {
    String dir = environment.getOrDefault(DirOption.VARIABLE, "");
    Path parent =
        dir.isEmpty() ? Path.of(System.getProperty("user.home"), ".ferris") : Path.of(dir);
    return parent.resolve("shell-history");
  }
}
