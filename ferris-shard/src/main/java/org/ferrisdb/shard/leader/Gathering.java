package org.ferrisdb.shard.leader;

/**
 * Decides whether the writes that wait should wait a little longer for company. When an entry has
 * applied, those whose writes were in it are answered, and most of them write again at once: an
 * entry that leaves without them is followed by a second one that carries only them, and so on for
 * ever in two groups, each entry costing three replicas a flush and two dozen changes of threads.
 * PostgreSQL's {@code commit_delay} is the same idea with a fixed time; here both the time and the
 * number to wait for are learned.
 *
 * <ul>
 *   <li>It waits for as many as waited already plus the share of those just answered that came back
 *       in time lately. Who writes alone never waits, because he is all that is expected.
 *   <li>It waits no longer than half of what the last entry took, and never longer than {@link
 *       #MAX_NANOS}.
 *   <li>When fewer come than expected the share falls by half of the difference, so a shard whose
 *       clients do not come back soon stops waiting; it rises by an eighth when all came.
 * </ul>
 *
 * <p>One a term; belongs to the loop. It decides only when a write is evaluated, never how.
 */
final class Gathering {
  /** The longest wait, in nanoseconds. */
  static final long MAX_NANOS = 2_000_000;

  private static final double STEP = 0.125;

  private double share = 1;
  private int answered;
  private int waitingBefore;
  private int expected;
  private long deadline;
  private boolean gathering;

  /**
   * The last entry in flight has applied.
   *
   * @param answers writes that were in it and are answered now
   * @param waiting writes that wait already
   * @param entryNanos from its proposal until now
   * @param now monotonic, nanoseconds
   */
  void applied(int answers, int waiting, long entryNanos, long now) {
    answered = answers;
    waitingBefore = waiting;
    expected = waiting + (int) Math.round(answers * share);
    deadline = now + Math.min(entryNanos / 2, MAX_NANOS);
    gathering = answers > 0;
  }

  /**
   * How long the writes that wait should still wait, in nanoseconds; 0: they go now. Nothing is in
   * flight.
   *
   * @param waiting how many wait, at least 1
   * @param now monotonic, nanoseconds
   */
  long remaining(int waiting, long now) {
    if (!gathering) {
      return 0;
    }
    if (waiting >= expected) {
      gathering = false;
      share = Math.min(1, share + STEP);
      return 0;
    }
    long left = deadline - now;
    if (left > 0) {
      return left;
    }
    gathering = false;
    double came = (double) Math.max(0, waiting - waitingBefore) / answered;
    share = (share + Math.min(share, came)) / 2;
    return 0;
  }

  /** The share of those answered that is expected back in time, 0 to 1. */
  double share() {
    return share;
  }
}
