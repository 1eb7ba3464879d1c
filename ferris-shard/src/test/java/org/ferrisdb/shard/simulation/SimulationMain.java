package org.ferrisdb.shard.simulation;

import java.util.Map;
import java.util.TreeMap;

/** Runs seeds: {@code SimulationMain first [count]}; a single seed is run with its trace. */
public final class SimulationMain {
  private SimulationMain() {}

  /** Exit status 1 if a seed fails. */
  public static void main(String[] args) {
    long first = Long.parseLong(args[0]);
    if (args.length < 2) {
      SimRun run = SimRun.of(first, SimRun.Keep.ALL);
      System.out.println(run.report());
      System.exit(run.violation() == null ? 0 : 1);
    }
    int count = Integer.parseInt(args[1]);
    long start = System.nanoTime();
    long events = 0;
    Map<String, Integer> calls = new TreeMap<>();
    int failed = 0;
    for (long seed = first; seed < first + count; seed++) {
      SimRun run = SimRun.of(seed);
      events += run.events();
      run.calls().forEach((what, n) -> calls.merge(what, n, Integer::sum));
      if (run.violation() != null) {
        failed++;
        System.out.println("seed " + seed + ": " + run.violation());
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(
        "%d seeds, %d failed, %.1f s, %.0f a minute, %d events, calls %s%n",
        count, failed, seconds, count / seconds * 60, events, calls);
    System.exit(failed == 0 ? 0 : 1);
  }
}
