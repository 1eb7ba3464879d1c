package org.ferrisdb.node.cli.shell;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.ExitCode;
import org.jline.reader.EndOfFileException;
import org.jline.reader.History;
import org.jline.reader.LineReader;
import org.jline.reader.LineReader.Option;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.Terminal.SignalHandler;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;

/** The shell for a person: a prompt, editing, completion, history, how long each command took. */
final class TerminalShell implements ShellControl {
  private static final String PROMPT = "ferris> ";
  private static final String GOES_ON = "   ...> ";

  /** Lines of history, in memory and in the file. */
  private static final int HISTORY_LINES = 2_000;

  /** More candidates than this are shown only after a question. */
  private static final int LIST_MAX = 60;

  private final CliContext context;
  private final ShellHost host;
  private final Terminal terminal;
  private final ShellCommands commands;
  private final LineReader reader;
  private final Foreground foreground = new Foreground();
  private boolean left;

  /**
   * Makes one.
   *
   * @param context environment and colours; input and output are the terminal's
   * @param host what the commands get
   * @param terminal where the person is; not closed here
   * @param history the file of lines typed before; it need not be there
   * @param nodes names of the local cluster's nodes, for completion
   */
  TerminalShell(
      CliContext context,
      ShellHost host,
      Terminal terminal,
      Path history,
      Supplier<List<String>> nodes) {
    this.context = context;
    this.host = host;
    this.terminal = terminal;
    commands = new ShellCommands(forCommand(terminalStream()), this);
    LineLooks looks = new LineLooks(commands, context.colours());
    reader =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .appName("ferris")
            .parser(new ShellParser())
            .completer(new ShellCompleter(commands, host::keysSoon, nodes))
            .highlighter(looks)
            .variable(LineReader.SECONDARY_PROMPT_PATTERN, GOES_ON)
            .variable(LineReader.HISTORY_SIZE, HISTORY_LINES)
            .variable(LineReader.HISTORY_FILE_SIZE, HISTORY_LINES)
            .variable(LineReader.LIST_MAX, LIST_MAX)
            .option(Option.DISABLE_EVENT_EXPANSION, true) // a ! in a value is a !
            .option(Option.HISTORY_REDUCE_BLANKS, false) // so are two blanks
            .option(Option.COMPLETE_MATCHER_TYPO, false)
            .option(Option.AUTO_FRESH_LINE, context.colours()) // its mark is grey
            .build();
    looks.attach(reader);
    if (!context.colours()) {
      LineLooks.plainCompletion(reader);
    }
    useHistory(history);
  }

  /** Reads and runs lines until the person leaves. */
  void run() {
    SignalHandler before = terminal.handle(Signal.INT, _ -> foreground.cancel());
    try {
      while (!left) {
        String typed;
        try {
          typed = reader.readLine(prompt());
        } catch (UserInterruptException e) {
          continue; // Ctrl-C drops the line
        } catch (EndOfFileException e) {
          return;
        }
        runAll(ShellLine.of(typed));
      }
    } finally {
      terminal.handle(Signal.INT, before);
    }
  }

  /** Several commands come from a paste: one that fails ends it. */
  private void runAll(ShellLine line) {
    for (List<String> words : line.words()) {
      if (runOne(words) != ExitCode.OK || left) {
        return;
      }
    }
  }

  private int runOne(List<String> words) {
    CancellableOutput output = new CancellableOutput(terminal.output());
    CliContext with = forCommand(new PrintStream(output, false, StandardCharsets.UTF_8));
    long began = System.nanoTime();
    int status = foreground.run(() -> commands.run(words, with), output::cancel);
    double millis = (System.nanoTime() - began) / 1e6;
    if (status == ExitCode.UNAVAILABLE || status == ExitCode.UNKNOWN) {
      host.disconnect();
    }
    if (!left) {
      String text = duration(millis);
      faintly(status == ExitCode.OK ? text : "status " + status + ", " + text);
    }
    return status;
  }

  private CliContext forCommand(PrintStream out) {
    return new CliContext(
        new NoInput(),
        out,
        context.errIsTerminal() ? terminalStream() : context.err(),
        context.environment(),
        false,
        true,
        context.errIsTerminal(),
        host);
  }

  private PrintStream terminalStream() {
    return new PrintStream(terminal.output(), true, StandardCharsets.UTF_8);
  }

  /** Says something about the shell itself. */
  void faintly(String text) {
    AttributedStyle style =
        context.colours() ? AttributedStyle.DEFAULT.faint() : AttributedStyle.DEFAULT;
    terminal.writer().println(styled(style, text));
    terminal.flush();
  }

  private String prompt() {
    return styled(context.colours() ? AttributedStyle.BOLD : AttributedStyle.DEFAULT, PROMPT);
  }

  private String styled(AttributedStyle style, String text) {
    return new AttributedStringBuilder().styled(style, text).toAnsi(terminal);
  }

  /** 0.42 ms, 12.3 ms, 345 ms, 1.23 s. */
  static String duration(double millis) {
    String form = millis < 10 ? "%.2f ms" : millis < 100 ? "%.1f ms" : "%.0f ms";
    return millis < 1_000
        ? String.format(Locale.ROOT, form, millis)
        : String.format(Locale.ROOT, "%.2f s", millis / 1_000);
  }

  /** Lines may hold values, so nobody else may read the file. A shell works without it, too. */
  private void useHistory(Path file) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      if (!Files.exists(file)) {
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      }
      reader.setVariable(LineReader.HISTORY_FILE, file);
      reader.getHistory().load();
    } catch (IOException e) {
      faintly("no history is kept: " + e.getMessage());
      reader.setVariable(LineReader.HISTORY_FILE, "");
    }
  }

  @Override
  public void leave() {
    left = true;
  }

  @Override
  public List<String> history() {
    List<String> lines = new ArrayList<>();
    for (History.Entry e : reader.getHistory()) {
      lines.add(e.line());
    }
    return lines;
  }
}
