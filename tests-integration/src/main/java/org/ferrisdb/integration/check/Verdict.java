package org.ferrisdb.integration.check;

import java.util.List;

/// What a [Checker] found.
public sealed interface Verdict {
  /// A right database can have given these answers.
  ///
  /// @param operations how many calls were judged; 0 proves nothing
  record Right(long operations) implements Verdict {}

  /// No right database can have.
  ///
  /// @param violations at least one, the clearest first; not always all
  record Wrong(List<Violation> violations) implements Verdict {
    public Wrong {
      if (violations.isEmpty()) {
        throw new IllegalArgumentException("wrong, but without a violation");
      }
      violations = List.copyOf(violations);
    }
  }

  /// A limit was reached before an answer.
  ///
  /// @param why which limit, and what to do about it
  record Undecided(String why) implements Verdict {}
}
