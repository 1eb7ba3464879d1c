package org.ferrisdb.client;

/**
 * Why a call failed. Unchecked; every failure of a call is one of the subclasses, and each has a
 * code that does not change between releases, says what became of a write, and what can be done.
 */
public abstract sealed class FerrisException extends RuntimeException
    permits CallInterruptedException,
        ClientClosedException,
        ConnectionFailedException,
        CrossShardBatchException,
        DeadlineExceededException,
        DiskFullException,
        InvalidRequestException,
        LimitExceededException,
        OutcomeUnknownException,
        ServerErrorException,
        SnapshotUnavailableException,
        ThrottledException,
        UnavailableException {
  private static final long serialVersionUID = 1L;

  private final String code;
  private final Outcome outcome;
  private final String hint;
  private final int attempts;

  FerrisException(String code, Outcome outcome, String message, String hint, int attempts) {
    super(line(code, outcome, message, hint));
    this.code = code;
    this.outcome = outcome;
    this.hint = hint;
    this.attempts = attempts;
  }

  private static String line(String code, Outcome outcome, String message, String hint) {
    String unknown = outcome == Outcome.UNKNOWN ? "; the write may or may not be applied" : "";
    return message + unknown + (hint.isEmpty() ? "" : ": " + hint) + " [" + code + "]";
  }

  /** A stable name of this kind of failure, {@code FER-} and capitals. */
  public String code() {
    return code;
  }

  /** What became of the write; {@link Outcome#NOT_APPLIED} for reads. */
  public Outcome outcome() {
    return outcome;
  }

  /** What to do, in one sentence; may be empty. */
  public String hint() {
    return hint;
  }

  /** How often the library had sent the request to a node when it gave up. */
  public int attempts() {
    return attempts;
  }
}
