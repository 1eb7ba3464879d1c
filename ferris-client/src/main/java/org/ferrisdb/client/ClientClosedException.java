package org.ferrisdb.client;

/** The client was closed, before the call or while it was under way. */
public final class ClientClosedException extends FerrisException {
  private static final long serialVersionUID = 1L;

  /** The stable code of this failure. */
  public static final String CODE = "FER-CLOSED";

  ClientClosedException(Outcome outcome, String message, String hint, int attempts) {
    super(CODE, outcome, message, hint, attempts);
  }
}
