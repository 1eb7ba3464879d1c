package org.ferrisdb.node.cli.shell;

import java.io.IOException;
import java.io.InputStream;

/** Standard input of commands in the shell: the shell itself reads that. */
final class NoInput extends InputStream {
  @Override
  public int read() throws IOException {
    throw refusal();
  }

  @Override
  public int read(byte[] bytes, int from, int length) throws IOException {
    throw refusal();
  }

  private static IOException refusal() {
    return new IOException(
        "standard input belongs to the shell, name a file or run the command by itself");
  }
}
