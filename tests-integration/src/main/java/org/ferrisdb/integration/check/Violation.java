package org.ferrisdb.integration.check;

import java.util.List;

/// Something that a right database can not have done.
///
/// @param anomaly its name: "stale read", "lost update", "G1c", ...
/// @param explanation in plain words, with the operations by the indexes of their events
/// @param events the indexes of the events involved, for the timeline
public record Violation(String anomaly, String explanation, List<Long> events) {
  public Violation {
    events = List.copyOf(events);
  }

  @Override
  public String toString() {
    return anomaly + ": " + explanation;
  }
}
