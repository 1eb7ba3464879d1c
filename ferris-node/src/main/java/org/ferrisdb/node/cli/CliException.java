package org.ferrisdb.node.cli;

/** Ends a command with one line on standard error and an exit status. */
public final class CliException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int exitCode;
  private final String hint;

  /**
   * Makes one.
   *
   * @param exitCode see {@link ExitCode}
   * @param message what is wrong, without a full stop
   * @param hint what to do about it; may be empty
   */
  public CliException(int exitCode, String message, String hint) {
    super(message);
    this.exitCode = exitCode;
    this.hint = hint;
  }

  /** The exit status. */
  public int exitCode() {
    return exitCode;
  }

  /** What to do about it; may be empty. */
  public String hint() {
    return hint;
  }
}
