package org.ferrisdb.client;

/**
 * The keys of a batch lie in more than one shard, where it can not (yet) be applied atomically.
 * Nothing was applied.
 */
public final class CrossShardBatchException extends FerrisException {
  private static final long serialVersionUID = 1L;

  /** The stable code of this failure. */
  public static final String CODE = "FER-CROSS-SHARD";

  CrossShardBatchException(Outcome outcome, String message, String hint, int attempts) {
    super(CODE, outcome, message, hint, attempts);
  }
}
