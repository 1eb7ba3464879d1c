package org.ferrisdb.client;

/** The thread was interrupted while it waited for the call. Its interrupt flag is set again. */
public final class CallInterruptedException extends FerrisException {
  private static final long serialVersionUID = 1L;

  /** The stable code of this failure. */
  public static final String CODE = "FER-INTERRUPTED";

  CallInterruptedException(Outcome outcome, String message, String hint, int attempts) {
    super(CODE, outcome, message, hint, attempts);
  }
}
