package org.ferrisdb.integration.torture;

import java.util.List;
import org.ferrisdb.integration.history.Event;

/** Outages as clients see them. Pure. */
final class Gaps {
  private Gaps() {}

  /**
   * The longest time in which no operation was served.
   *
   * @param events in order of time; those of the clients that matter
   * @param from when the load began, nanoseconds of the history
   * @param to when it ended
   * @return milliseconds
   */
  static long longestMillis(List<Event> events, long from, long to) {
    long longest = 0;
    long last = from;
    for (Event event : events) {
      if (event.type() == Event.Type.OK && event.time() > from && event.time() <= to) {
        longest = Math.max(longest, event.time() - last);
        last = event.time();
      }
    }
    return Math.max(longest, to - last) / 1_000_000;
  }
}
