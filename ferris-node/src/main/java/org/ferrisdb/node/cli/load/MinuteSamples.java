package org.ferrisdb.node.cli.load;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.ferrisdb.node.cli.demo.DemoState.Latency;
import org.ferrisdb.node.cli.demo.DemoState.Second;

/** The last minute of a workload, second by second. Thread-safe. */
final class MinuteSamples {
  private static final int SECONDS = 60;

  private final Deque<Second> seconds = new ArrayDeque<>();
  private long totalBefore;
  private char mark = ' ';
  private Latency latency = Latency.NONE;

  /** A key was pressed in this second; of several the last one counts. */
  synchronized void mark(char key) {
    mark = key;
  }

  /**
   * A second is over.
   *
   * @param total writes acknowledged since the beginning
   * @param latencies of this second
   */
  synchronized void second(long total, Histogram latencies) {
    if (seconds.size() == SECONDS) {
      seconds.removeFirst();
    }
    seconds.addLast(new Second(total - totalBefore, mark));
    totalBefore = total;
    mark = ' ';
    latency =
        new Latency(
            latencies.getTotalCount(),
            latencies.getValueAtPercentile(50),
            latencies.getValueAtPercentile(99));
  }

  /** Oldest first. */
  synchronized List<Second> seconds() {
    return new ArrayList<>(seconds);
  }

  /** Of the last second. */
  synchronized Latency latency() {
    return latency;
  }
}
