package org.ferrisdb.node.cli.shell;

import java.io.IOException;
import java.io.OutputStream;

/**
 * Output of a command that may be cancelled: from then on it fails, as a pipe does whose reader has
 * gone, so that a command that only prints ends as well. Does not close what it writes to.
 */
final class CancellableOutput extends OutputStream {
  private final OutputStream to;
  private volatile boolean cancelled;

  CancellableOutput(OutputStream to) {
    this.to = to;
  }

  void cancel() {
    cancelled = true;
  }

  @Override
  public void write(int b) throws IOException {
    check();
    to.write(b);
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    check();
    to.write(bytes, from, length);
  }

  @Override
  public void flush() throws IOException {
    check();
    to.flush();
  }

  private void check() throws IOException {
    if (cancelled) {
      throw new IOException("cancelled");
    }
  }
}
