package org.ferrisdb.raft.ratis;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What a replica was asked and has not answered yet. Ratis answers what a leader has pending when
 * it steps down in an orderly way; not when the log failed and there is nobody to step down for,
 * nor what comes in while it closes. So whatever is open is ended with the replica. One instance
 * lives from one opening of the replica to its closing. Thread-safe.
 */
final class Unanswered {
  /** Something that waits for an answer. */
  interface Question {
    /** There will be none. May come after the answer, and then means nothing. */
    void ended(String reason);
  }

  private final Set<Question> open = ConcurrentHashMap.newKeySet();
  private volatile @Nullable String ended;

  /**
   * Before it is asked.
   *
   * @return false if the replica has ended: then it must not be asked
   */
  boolean add(Question question) {
    open.add(question);
    // Only now: whoever ends sees the question, or is seen here.
    if (ended == null) {
      return true;
    }
    open.remove(question);
    return false;
  }

  /** It has its answer. */
  void remove(Question question) {
    open.remove(question);
  }

  /** Ends what is open, and refuses what comes. */
  void end(String reason) {
    ended = reason;
    List.copyOf(open).forEach(question -> question.ended(reason));
  }
}
