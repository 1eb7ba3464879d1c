package org.ferrisdb.node.cli.shell;

import java.util.concurrent.Callable;
import org.ferrisdb.node.cli.ExitCode;
import picocli.CommandLine.Command;

/** {@code exit} and {@code quit}. */
@Command(
    name = "exit",
    mixinStandardHelpOptions = true,
    description = "Leaves the shell, as Ctrl-D does.",
    exitCodeList = "0:left")
final class ExitWord implements Callable<Integer> {
  private final ShellControl control;

  ExitWord(ShellControl control) {
    this.control = control;
  }

  @Override
  public Integer call() {
    control.leave();
    return ExitCode.OK;
  }
}
