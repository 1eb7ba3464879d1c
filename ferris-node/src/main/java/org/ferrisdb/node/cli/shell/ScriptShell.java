package org.ferrisdb.node.cli.shell;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.CliException;
import org.ferrisdb.node.cli.ExitCode;

/** Commands from a file or a pipe: no prompts, no editing, no times; results as always. */
final class ScriptShell implements ShellControl {
  /** A value has a MiB at most, four bytes for each when written with escapes. */
  private static final int MAX_COMMAND_CHARS = 8 << 20;

  private final CliContext context;
  private final ShellHost host;
  private final boolean keepGoing;
  private final BufferedReader in;
  private int lines;
  private boolean left;

  /**
   * Makes one.
   *
   * @param context commands are read from its input
   * @param host what the commands get
   * @param keepGoing whether the commands after one that failed are run
   */
  ScriptShell(CliContext context, ShellHost host, boolean keepGoing) {
    this.context = context;
    this.host = host;
    this.keepGoing = keepGoing;
    in = new BufferedReader(new InputStreamReader(context.in(), StandardCharsets.UTF_8));
  }

  /**
   * Runs all.
   *
   * @return the status of the first command that failed; 0 if none did
   * @throws IOException if the input can not be read
   */
  int run() throws IOException {
    CliContext forCommands =
        new CliContext(
            new NoInput(),
            context.out(),
            context.err(),
            context.environment(),
            false,
            context.outIsTerminal(),
            context.errIsTerminal(),
            host);
    ShellCommands commands = new ShellCommands(forCommands, this);
    int status = ExitCode.OK;
    for (var next = nextLine(); !left && next.isPresent(); next = nextLine()) {
      int line = lines;
      for (List<String> words : next.get().words()) {
        int ended = commands.run(words, forCommands);
        if (ended != ExitCode.OK && !keepGoing) {
          context.err().println(stopped(line, ended));
          return ended;
        }
        status = status == ExitCode.OK ? ended : status;
      }
    }
    return status;
  }

  private static String stopped(int line, int status) {
    return "ferris shell: line "
        + line
        + " ended with status "
        + status
        + ", so the rest is not run; --keep-going runs it";
  }

  /** The next line, with those in which its quotes go on; empty at the end. */
  private Optional<ShellLine> nextLine() throws IOException {
    String line = in.readLine();
    if (line == null) {
      return Optional.empty();
    }
    int first = ++lines;
    StringBuilder text = new StringBuilder(line);
    ShellLine cut = ShellLine.of(line);
    while (!cut.complete()) {
      line = in.readLine();
      if (line == null || text.length() > MAX_COMMAND_CHARS) {
        throw new CliException(
            ExitCode.USAGE, "line " + first + ": " + cut.missing() + " is missing", "");
      }
      lines++;
      text.append('\n').append(line);
      // A long value is not cut again for each of its lines.
      if (cut.openQuote() == ShellLine.NONE || line.indexOf(cut.openQuote()) >= 0) {
        cut = ShellLine.of(text.toString());
      }
    }
    return Optional.of(cut);
  }

  @Override
  public void leave() {
    left = true;
  }

  @Override
  public List<String> history() {
    return List.of();
  }
}
