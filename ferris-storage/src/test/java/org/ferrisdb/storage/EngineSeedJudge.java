package org.ferrisdb.storage;

import java.util.function.LongFunction;

/**
 * Judges an engine by one seed of {@link CrashTest}: empty, or the first line of what was wrong. Of
 * shared types only, so that a {@link org.ferrisdb.storage.testing.MutantLoader} can make one.
 */
public final class EngineSeedJudge implements LongFunction<String> {
  @Override
  public String apply(long seed) {
    CrashTest test = new CrashTest();
    try {
      test.crashEverywhere(seed);
      return "";
    } catch (RuntimeException | AssertionError e) {
      String said = firstLine(e);
      for (Throwable at = e.getCause(); at != null; at = at.getCause()) {
        said = firstLine(e) + ": " + firstLine(at);
      }
      return said;
    }
  }

  private static String firstLine(Throwable e) {
    return String.valueOf(e.getMessage()).strip().lines().findFirst().orElse("no message");
  }
}
