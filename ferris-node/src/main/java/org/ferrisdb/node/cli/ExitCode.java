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

  /** Of {@link #USAGE}, as help texts say it. */
  public static final String USAGE_WORDS = "2:the command line or the input is wrong";

  /** Of {@link #UNAVAILABLE}, as help texts say it. */
  public static final String UNAVAILABLE_WORDS =
      "3:the cluster did not answer in time, or refused; nothing was applied";

  /** Of {@link #UNKNOWN}, as help texts say it. */
  public static final String UNKNOWN_WORDS = "4:the write may or may not have been applied";

  private ExitCode() {}
}
