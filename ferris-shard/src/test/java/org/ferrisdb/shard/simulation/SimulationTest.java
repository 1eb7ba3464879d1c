package org.ferrisdb.shard.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.ferrisdb.storage.testing.Seeds;
import org.junit.jupiter.api.Test;

/** The code as it is, in many runs: {@code docs/simulation.md} tells how to run more of them. */
class SimulationTest {
  private static final int FIXED = Integer.getInteger("ferris.simulation.seeds", 2000);

  @Test
  void no_seed_of_the_fixed_ones_breaks_a_promise() {
    long start = System.nanoTime();
    long events = 0;
    Map<String, Integer> calls = new TreeMap<>();
    for (long seed = 1; seed <= FIXED; seed++) {
      SimRun run = require(seed);
      events += run.events();
      run.calls().forEach((what, n) -> calls.merge(what, n, Integer::sum));
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(
        "simulation: %d seeds in %.1f s (%.0f a minute), %d events, calls %s%n",
        FIXED, seconds, FIXED / seconds * 60, events, calls);
    // It must have been hard, and it must have got somewhere.
    assertThat(calls.get("WRITE OK")).isGreaterThan(10 * FIXED);
    assertThat(calls.get("GET OK")).isGreaterThan(5 * FIXED);
    assertThat(calls.get("SCAN OK")).isGreaterThan(2 * FIXED);
    assertThat(calls.get("WRITE INFO")).isGreaterThan(FIXED);
    assertThat(calls.get("WRITE FAIL")).isPositive();
  }

  @Test
  void nor_does_one_that_nobody_has_run() {
    require(Seeds.seed("simulation", RandomGenerator.getDefault().nextLong(1L << 40)));
  }

  @Test
  void the_same_seed_gives_the_same_trace_and_another_seed_another() {
    Set<Long> hashes = new HashSet<>();
    for (long seed = 1; seed <= 40; seed++) {
      SimRun first = SimRun.of(seed);
      SimRun second = SimRun.of(seed);
      assertThat(second).isEqualTo(first);
      assertThat(SimRun.of(seed, SimRun.Keep.ALL).hash())
          .as("looking changes nothing")
          .isEqualTo(first.hash());
      hashes.add(first.hash());
    }
    assertThat(hashes).hasSize(40);
  }

  private static SimRun require(long seed) {
    SimRun run = SimRun.of(seed);
    if (run.violation() != null) {
      throw new AssertionError(SimRun.of(seed, SimRun.Keep.EXCERPT).report());
    }
    return run;
  }
}
