package org.ferrisdb.node.cli.transfer;

import java.io.IOException;

/** A line of an import file that is not a record. The message names the line and what is wrong. */
public final class MalformedLineException extends IOException {
  private static final long serialVersionUID = 1;

  private final long line;
  private final String hint;

  /**
   * Makes one.
   *
   * @param line counted from 1
   * @param problem what is wrong, without a full stop
   * @param hint what to do about it, one sentence without a full stop
   */
  public MalformedLineException(long line, String problem, String hint) {
    super("line " + line + ": " + problem);
    this.line = line;
    this.hint = hint;
  }

  /** The line's number, from 1. */
  public long line() {
    return line;
  }

  /** What to do about it. */
  public String hint() {
    return hint;
  }
}
