package org.ferrisdb.node.cli;

import java.io.IOException;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.client.FerrisOptions;
import org.jline.terminal.Terminal;

/**
 * What a command borrows from whoever runs it: from a process of its own, or from the shell, which
 * keeps one client and one terminal open for many commands. Thread-safe.
 */
public interface CliHost {
  /** Connects; to be closed after use, which ends the connection only if nobody else uses it. */
  Ferris connect(String url, FerrisOptions options);

  /**
   * Does something with the terminal that standard output is. One at a time.
   *
   * @throws IOException if the terminal refuses, or the task's own
   * @throws InterruptedException the task's own
   */
  <T> T onTerminal(TerminalTask<T> task) throws IOException, InterruptedException;

  /** What can be done with a terminal. It leaves the terminal as it was, and open. */
  interface TerminalTask<T> {
    /** Does it. */
    T run(Terminal terminal) throws IOException, InterruptedException;
  }

  /** How messages begin before the command's name: "ferris ", or nothing in the shell. */
  String program();

  /** How hints call commands of this program: "./ferris ", or nothing in the shell. */
  String call();
}
