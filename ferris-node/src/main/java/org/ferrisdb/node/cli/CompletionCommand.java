package org.ferrisdb.node.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;

/** {@code ferris completion bash|zsh}. */
@Command(
    name = "completion",
    mixinStandardHelpOptions = true,
    description = {
      "Prints a script that makes bash or zsh complete ./ferris commands.",
      "%nIt completes commands, options and values that are known beforehand. Keys of the cluster"
          + " are completed by ./ferris shell."
    },
    exitCodeList = {"0:printed", ExitCode.USAGE_WORDS},
    footer = {
      "%nExamples:",
      "  source <(./ferris completion bash)     for this shell; in ~/.bashrc for all",
      "  source <(./ferris completion zsh)      the same for zsh and ~/.zshrc",
    })
final class CompletionCommand implements Callable<Integer> {
  /** Shells that can be helped. */
  enum Shell {
    /** GNU Bash. */
    bash,
    /** The Z shell; runs the same script in its emulation of Bash's completion. */
    zsh
  }

  private final CliContext context;

  @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}.")
  private Shell shell = Shell.bash;

  /** Makes the command. */
  CompletionCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    CommandLine all = FerrisCli.commandLine(new String[0], context);
    // These are the start script's own; see there.
    for (String name : new String[] {"test", "torture", "race", "image", "java-home"}) {
      all.addSubcommand(name, CommandSpec.create());
    }
    context.out().println("# Completion of ./ferris for " + shell + ": source this.");
    context.out().print(AutoComplete.bash("ferris", all));
    return ExitCode.OK;
  }
}
