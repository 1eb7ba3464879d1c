package org.ferrisdb.client;

/**
 * No node that could execute the call was found before its deadline: nodes are down or cut off, or
 * a shard has lost the majority of its replicas.
 */
public final class UnavailableException extends FerrisException {
  private static final long serialVersionUID = 1L;

  /** The stable code of this failure. */
  public static final String CODE = "FER-UNAVAILABLE";

  UnavailableException(Outcome outcome, String message, String hint, int attempts) {
    super(CODE, outcome, message, hint, attempts);
  }
}
