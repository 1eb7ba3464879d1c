package org.ferrisdb.client;

/**
 * A node failed to execute the request, or answered something that this client does not understand.
 */
public final class ServerErrorException extends FerrisException {
  private static final long serialVersionUID = 1L;

  /** The stable code of this failure. */
  public static final String CODE = "FER-SERVER";

  ServerErrorException(Outcome outcome, String message, String hint, int attempts) {
    super(CODE, outcome, message, hint, attempts);
  }
}
