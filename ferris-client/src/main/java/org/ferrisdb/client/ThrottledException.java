package org.ferrisdb.client;

/** Too much at once: a queue or limit of the client or the cluster is full. */
public final class ThrottledException extends FerrisException {
  private static final long serialVersionUID = 1L;

  /** The stable code of this failure. */
  public static final String CODE = "FER-THROTTLED";

  ThrottledException(Outcome outcome, String message, String hint, int attempts) {
    super(CODE, outcome, message, hint, attempts);
  }
}
