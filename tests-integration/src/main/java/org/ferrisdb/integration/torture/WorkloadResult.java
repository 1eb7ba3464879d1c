package org.ferrisdb.integration.torture;

import java.util.List;

/**
 * What came of one workload in one cell.
 *
 * @param workload its name
 * @param operations that were begun, final reads included
 * @param indeterminate of which nobody knows whether they took effect
 * @param gapMillis the longest time in which none of its operations was served, under load
 * @param verdict the checker's
 * @param why the reason, where it is undecided
 * @param violations what is wrong, one line each
 */
record WorkloadResult(
    String workload,
    long operations,
    long indeterminate,
    long gapMillis,
    Judged verdict,
    String why,
    List<String> violations) {
  /** Verdicts, the worst last. */
  enum Judged {
    /** A right database can have given these answers. */
    RIGHT("right"),
    /** A limit was reached before an answer. */
    UNDECIDED("undecided"),
    /** No right database can have. */
    WRONG("WRONG");

    private final String word;

    Judged(String word) {
      this.word = word;
    }

    /** As tables say it. */
    String word() {
      return word;
    }
  }

  WorkloadResult {
    violations = List.copyOf(violations);
  }
}
