package org.ferrisdb.client;

/** The moment that should be read is too long ago, or in the future. */
public final class SnapshotUnavailableException extends FerrisException {
  private static final long serialVersionUID = 1L;

  /** The stable code of this failure. */
  public static final String CODE = "FER-SNAPSHOT";

  SnapshotUnavailableException(Outcome outcome, String message, String hint, int attempts) {
    super(CODE, outcome, message, hint, attempts);
  }
}
