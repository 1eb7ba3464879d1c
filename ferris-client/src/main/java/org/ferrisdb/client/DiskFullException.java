package org.ferrisdb.client;

/** The disk of the shard's leader is full. */
public final class DiskFullException extends FerrisException {
  private static final long serialVersionUID = 1L;

  /** The stable code of this failure. */
  public static final String CODE = "FER-DISK-FULL";

  DiskFullException(Outcome outcome, String message, String hint, int attempts) {
    super(CODE, outcome, message, hint, attempts);
  }
}
