package org.ferrisdb.client;

/** The request makes no sense. The same call never succeeds. */
public final class InvalidRequestException extends FerrisException {
  private static final long serialVersionUID = 1L;

  /** The stable code of this failure. */
  public static final String CODE = "FER-INVALID";

  InvalidRequestException(String message, String hint) {
    this(Outcome.NOT_APPLIED, message, hint, 0);
  }

  InvalidRequestException(Outcome outcome, String message, String hint, int attempts) {
    super(CODE, outcome, message, hint, attempts);
  }
}
