package org.ferrisdb.client;

/**
 * The deadline passed while a node was working on the call, or should have been. {@link #outcome()}
 * tells whether a write may be applied.
 */
public final class DeadlineExceededException extends FerrisException {
  private static final long serialVersionUID = 1L;

  /** The stable code of this failure. */
  public static final String CODE = "FER-DEADLINE";

  DeadlineExceededException(Outcome outcome, String message, String hint, int attempts) {
    super(CODE, outcome, message, hint, attempts);
  }
}
