package org.ferrisdb.node.cli;

/** Exit statuses of {@code ferris}; scripts rely on them. */
public final class ExitCode {
  /** Done, and the answer is yes. */
  public static final int OK = 0;

  /**
   * Done, and the answer is no: key not found, condition failed, cluster not healthy, check failed.
   */
  public static final int NO = 1;

  /** The command line or the input is wrong; nothing was done, or the message tells what was. */
  public static final int USAGE = 2;

  /** The cluster did not answer in time, or refused; certainly not applied. */
  public static final int UNAVAILABLE = 3;

  /** A write may or may not have been applied. */
  public static final int UNKNOWN = 4;

  /** A fault of this program. */
  public static final int INTERNAL = 70;

  private ExitCode() {}
}
