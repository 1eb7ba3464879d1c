package org.ferrisdb.shard.simulation;

import java.util.function.LongFunction;

/** Runs a seed and tells it all: {@link SimRun#report}. For callers with classes of their own. */
public final class SeedReport implements LongFunction<String> {
  @Override
  public String apply(long seed) {
    return SimRun.of(seed, SimRun.Keep.ALL).report();
  }
}
