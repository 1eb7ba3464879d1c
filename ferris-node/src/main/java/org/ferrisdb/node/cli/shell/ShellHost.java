package org.ferrisdb.node.cli.shell;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.Entry;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.client.FerrisException;
import org.ferrisdb.client.FerrisOptions;
import org.ferrisdb.client.KeyRange;
import org.ferrisdb.node.cli.CliException;
import org.ferrisdb.node.cli.CliHost;
import org.ferrisdb.node.cli.ExitCode;
import org.jline.terminal.Terminal;
import org.jspecify.annotations.Nullable;

/**
 * Lends commands the shell's client and terminal. It connects when the first command needs it, and
 * anew after a failure, so that a shell survives its cluster. Thread-safe.
 */
final class ShellHost implements CliHost, AutoCloseable {
  /** A person has pressed Tab: all reads together may take that long before typing goes on. */
  private static final Duration TAB_PATIENCE = Duration.ofMillis(300);

  private final CliHost process;
  private final String url;
  private final @Nullable Terminal terminal;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable Ferris client;

  /**
   * Makes one; does not connect.
   *
   * @param process what a command would get without a shell
   * @param url the shell's cluster
   * @param terminal the shell's terminal, if it has one; not closed here
   */
  ShellHost(CliHost process, String url, @Nullable Terminal terminal) {
    this.process = process;
    this.url = url;
    this.terminal = terminal;
  }

  @Override
  public Ferris connect(String wanted, FerrisOptions options) {
    if (!wanted.equals(url)) {
      return process.connect(wanted, options);
    }
    try {
      lock.lockInterruptibly();
    } catch (InterruptedException e) {
      throw new CliException(ExitCode.NO, "interrupted", "");
    }
    try {
      Ferris open = client;
      if (open == null) {
        open = process.connect(url, options);
        client = open;
      }
      return open.withDeadline(options.deadline());
    } finally {
      lock.unlock();
    }
  }

  /** Closes the client; the next command connects again. */
  void disconnect() {
    lock.lock();
    try {
      Ferris open = client;
      client = null;
      if (open != null) {
        open.close();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Keys for a completion that begins now: soon or none, and none without a connection. */
  KeySuggestions.Keys keysSoon() {
    Ferris open = client;
    long began = System.nanoTime();
    return (range, limit) -> {
      Duration left = TAB_PATIENCE.minusNanos(System.nanoTime() - began);
      return open == null || left.isNegative() || left.isZero()
          ? List.of()
          : firstKeys(open.withDeadline(left), range, limit);
    };
  }

  private static List<Bytes> firstKeys(Ferris client, KeyRange range, int limit) {
    try {
      List<Bytes> keys = new ArrayList<>();
      for (Entry e : client.scan(range).keysOnly().limit(limit).pageSize(limit)) {
        keys.add(e.key());
      }
      return keys;
    } catch (FerrisException e) {
      return List.of(); // whoever runs a command is told what is wrong
    }
  }

  @Override
  public <T> T onTerminal(TerminalTask<T> task) throws IOException, InterruptedException {
    Optional<Terminal> own = Optional.ofNullable(terminal);
    return own.isPresent() ? task.run(own.get()) : process.onTerminal(task);
  }

  @Override
  public String program() {
    return "";
  }

  @Override
  public String call() {
    return "";
  }

  @Override
  public void close() {
    disconnect();
  }
}
