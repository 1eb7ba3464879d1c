package org.ferrisdb.client;

/** A key, value, batch or message is larger than is allowed. The same call never succeeds. */
public final class LimitExceededException extends FerrisException {
  private static final long serialVersionUID = 1L;

  /** The stable code of this failure. */
  public static final String CODE = "FER-LIMIT";

  LimitExceededException(Outcome outcome, String message, String hint, int attempts) {
    super(CODE, outcome, message, hint, attempts);
  }
}
