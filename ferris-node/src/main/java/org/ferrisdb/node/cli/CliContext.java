package org.ferrisdb.node.cli;

import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jline.terminal.Terminal;

/**
 * What a command sees of the process it runs in; tests bring their own.
 *
 * @param in standard input
 * @param out standard output
 * @param err standard error
 * @param environment environment variables
 * @param inIsTerminal whether a person types standard input
 * @param outIsTerminal whether a person reads standard output
 * @param errIsTerminal whether a person reads standard error
 * @param host who runs the command
 */
public record CliContext(
    InputStream in,
    PrintStream out,
    PrintStream err,
    Map<String, String> environment,
    boolean inIsTerminal,
    boolean outIsTerminal,
    boolean errIsTerminal,
    CliHost host) {
  /** Where no terminal tells its width. */
  private static final int USUAL_COLUMNS = 80;

  /** That of this process. */
  public static CliContext ofProcess() {
    return new CliContext(
        System.in,
        System.out,
        System.err,
        System.getenv(),
        isTerminal(0),
        isTerminal(1),
        isTerminal(2),
        new ProcessHost());
  }

  /** Without a terminal, in a process of its own. */
  public static CliContext plain(
      InputStream in, PrintStream out, PrintStream err, Map<String, String> environment) {
    return new CliContext(in, out, err, environment, false, false, false, new ProcessHost());
  }

  /** Prints on standard error why the answer of a command is no. */
  public void complain(String command, String message) {
    err.println(host.program() + command + ": " + message);
  }

  /**
   * How wide lines may be on standard output, in columns; as wide as they like where nobody's
   * terminal is. The environment variable COLUMNS wins over what the terminal says.
   */
  public int columns() {
    if (!outIsTerminal) {
      return Integer.MAX_VALUE;
    }
    String told = environment.getOrDefault("COLUMNS", "");
    if (told.matches("[1-9][0-9]{1,3}")) {
      return Integer.parseInt(told);
    }
    try {
      int width = host.onTerminal(Terminal::getColumns);
      return width > 0 ? width : USUAL_COLUMNS;
    } catch (IOException e) {
      return USUAL_COLUMNS; // it is only about looks
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return USUAL_COLUMNS;
    }
  }

  /** Whether colours are wanted on standard output: on a terminal, unless NO_COLOR is set. */
  public boolean colours() {
    return outIsTerminal
        && environment.getOrDefault("NO_COLOR", "").isEmpty()
        && !environment.getOrDefault("TERM", "").equals("dumb");
  }

  /**
   * System.console() tells only about input and output together; descriptors can be redirected
   * alone.
   */
  private static boolean isTerminal(int descriptor) {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException | UnsupportedOperationException e) {
      return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    }
  }
}
