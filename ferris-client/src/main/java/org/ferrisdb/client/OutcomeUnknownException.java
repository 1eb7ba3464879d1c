package org.ferrisdb.client;

/** The cluster no longer knows whether the write was applied. */
public final class OutcomeUnknownException extends FerrisException {
  private static final long serialVersionUID = 1L;

  /** The stable code of this failure. */
  public static final String CODE = "FER-OUTCOME-UNKNOWN";

  OutcomeUnknownException(Outcome outcome, String message, String hint, int attempts) {
    super(CODE, outcome, message, hint, attempts);
  }
}
