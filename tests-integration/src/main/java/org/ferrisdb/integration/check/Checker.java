package org.ferrisdb.integration.check;

import java.util.List;
import org.ferrisdb.integration.history.Event;

/// Judges a history. Checkers keep no state between calls and may be used by several threads.
public interface Checker {
  /// In one or two words, for tables.
  String name();

  /// The verdict on the events of this checker's workload; others are not looked at.
  ///
  /// @param events in the order of their indexes
  /// @throws IllegalArgumentException if an event's value has not the shape that its `f` asks for
  Verdict check(List<Event> events);
}
