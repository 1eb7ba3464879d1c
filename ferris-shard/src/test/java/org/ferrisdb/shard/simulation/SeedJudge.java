package org.ferrisdb.shard.simulation;

import java.util.function.LongFunction;

/** Runs a seed: "" if all was well, else what was not. For callers with classes of their own. */
public final class SeedJudge implements LongFunction<String> {
  @Override
  public String apply(long seed) {
    String violation = SimRun.of(seed).violation();
    return violation == null ? "" : violation;
  }
}
