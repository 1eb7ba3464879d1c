package org.ferrisdb.benchmarks.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * CPU time of the whole machine since it started, from the first line of {@code /proc/stat}: shows
 * what else was going on while something was measured.
 *
 * @param busyNanos all processors together, at work for anyone
 * @param allNanos busy or not
 */
record MachineCpu(long busyNanos, long allNanos) {
  private static final long NANOS_PER_TICK = 10_000_000;

  /** So far; zeros where there is no such file. */
  static MachineCpu now(Path proc) {
    try {
      String text = Files.readString(proc.resolve("stat"), StandardCharsets.ISO_8859_1);
      // cpu user nice system idle iowait irq softirq steal guest guest_nice; guests are in user
      String[] fields = text.lines().findFirst().orElse("").trim().split(" +", -1);
      long all = 0;
      for (int i = 1; i <= 8; i++) {
        all += Long.parseLong(fields[i]);
      }
      long idle = Long.parseLong(fields[4]) + Long.parseLong(fields[5]);
      return new MachineCpu((all - idle) * NANOS_PER_TICK, all * NANOS_PER_TICK);
    } catch (IOException e) {
      return new MachineCpu(0, 0);
    }
  }

  /**
   * How much of the machine others had since {@code before}, 0 to 100.
   *
   * @param oursNanos what is known of, and not others'
   */
  double othersPercent(MachineCpu before, long oursNanos) {
    long all = allNanos - before.allNanos;
    long others = busyNanos - before.busyNanos - oursNanos;
    return all <= 0 ? 0 : Math.clamp(100.0 * others / all, 0, 100);
  }
}
