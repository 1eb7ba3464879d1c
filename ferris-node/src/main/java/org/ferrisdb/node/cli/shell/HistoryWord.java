package org.ferrisdb.node.cli.shell;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.ExitCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code history}. */
@Command(
    name = "history",
    mixinStandardHelpOptions = true,
    description = "Lists the lines typed before; Ctrl-R searches them.",
    exitCodeList = {"0:listed", ExitCode.USAGE_WORDS})
final class HistoryWord implements Callable<Integer> {
  private final CliContext context;
  private final ShellControl control;

  @Parameters(
      paramLabel = "N",
      arity = "0..1",
      description = "How many of the last ones (default: ${DEFAULT-VALUE}).")
  private int last = 20;

  HistoryWord(CliContext context, ShellControl control) {
    this.context = context;
    this.control = control;
  }

  @Override
  public Integer call() {
    List<String> lines = control.history();
    for (int i = Math.max(0, lines.size() - last); i < lines.size(); i++) {
      context.out().println(String.format(Locale.ROOT, "%5d  %s", i + 1, lines.get(i)));
    }
    return ExitCode.OK;
  }
}
