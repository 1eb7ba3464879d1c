package org.ferrisdb.shard.simulation;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What happened, as a hash always and as text on demand. Two runs of a seed with the same hash did
 * the same: every event's time and order goes into it, and what the simulation decides.
 *
 * <p>Text is kept only when asked for, because it costs more than the run: a failed seed is run
 * again with it. Not thread-safe.
 */
final class Trace {
  private static final long PRIME = 0x100000001b3L;

  private final int keep;
  private final Deque<Line> lines = new ArrayDeque<>();

  private record Line(long nanos, String text) {}

  private long hash = 0xcbf29ce484222325L;

  /**
   * @param keep how many of the last lines are kept; 0 for none
   */
  Trace(int keep) {
    this.keep = keep;
  }

  /** Something that is worth no line. */
  void mix(long value) {
    hash = (hash ^ value) * PRIME;
    hash ^= hash >>> 29;
  }

  /** Whether {@link #line} keeps anything: ask before making a text. */
  boolean keeps() {
    return keep > 0;
  }

  /** A line; {@code %} as in {@link String#format}. The numbers are not part of the hash. */
  void line(long nanos, String who, String what, @Nullable Object... details) {
    if (keep == 0) {
      return;
    }
    if (lines.size() == keep) {
      lines.removeFirst();
    }
    String text = details.length == 0 ? what : String.format(what, details);
    lines.addLast(new Line(nanos, String.format("%9.3f ms  %-8s %s", nanos / 1e6, who, text)));
  }

  long hash() {
    return hash;
  }

  /** Those between two times, and what the judge said. */
  List<String> lines(long from, long to) {
    return lines.stream()
        .filter(l -> (l.nanos >= from && l.nanos <= to) || l.text.contains("  JUDGE "))
        .map(Line::text)
        .toList();
  }
}
