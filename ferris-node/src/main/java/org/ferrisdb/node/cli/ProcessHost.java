package org.ferrisdb.node.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.client.FerrisOptions;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/** A process for one command: everything is opened for it alone. Apart so that it loads late. */
final class ProcessHost implements CliHost {
  @Override
  public Ferris connect(String url, FerrisOptions options) {
    return Ferris.connect(url, options);
  }

  @Override
  public <T> T onTerminal(TerminalTask<T> task) throws IOException, InterruptedException {
    try (Terminal terminal =
        TerminalBuilder.builder().system(true).name("ferris").encoding(UTF_8).build()) {
      return task.run(terminal);
    }
  }

  @Override
  public String program() {
    return "ferris ";
  }

  @Override
  public String call() {
    return "./ferris ";
  }
}
