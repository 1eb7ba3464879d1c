package org.ferrisdb.node.cli.load;

import java.time.Duration;
import java.util.List;

/**
 * CPU time of processes, user and system together, from {@code /proc/PID/stat} by way of {@link
 * ProcessHandle}; in steps of 10 ms.
 */
public final class CpuMeter {
  private final List<Long> pids;
  private final long before;

  private CpuMeter(List<Long> pids) {
    this.pids = pids;
    this.before = total().toNanos();
  }

  /** Begins to measure these processes. */
  public static CpuMeter start(List<Long> pids) {
    return new CpuMeter(List.copyOf(pids));
  }

  /** CPU time spent since the start; zero if there are no such processes. */
  public Duration spent() {
    return Duration.ofNanos(Math.max(0, total().toNanos() - before));
  }

  boolean isEmpty() {
    return pids.isEmpty();
  }

  private Duration total() {
    Duration sum = Duration.ZERO;
    for (long pid : pids) {
      sum =
          sum.plus(
              ProcessHandle.of(pid)
                  .flatMap(p -> p.info().totalCpuDuration())
                  .orElse(Duration.ZERO));
    }
    return sum;
  }
}
