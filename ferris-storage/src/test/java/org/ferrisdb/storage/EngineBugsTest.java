package org.ferrisdb.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongFunction;
import org.ferrisdb.storage.testing.Mutant;
import org.ferrisdb.storage.testing.MutantLoader;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A crash test that has caught nothing proves nothing. */
final class EngineBugsTest {
  private static final int MOST_SEEDS = Integer.getInteger("ferris.crash.mutantSeeds", 200);

  @TempDir Path classes;

  static List<Mutant> bugs() {
    return EngineBugs.all();
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void a_planted_bug_is_found(Mutant bug) throws IOException {
    try (MutantLoader loader = bug.load(classes)) {
      LongFunction<?> judge =
          loader.create("org.ferrisdb.storage.EngineSeedJudge", LongFunction.class);
      for (long seed = 1; seed <= MOST_SEEDS; seed++) {
        String wrong = String.valueOf(judge.apply(seed));
        if (!wrong.isEmpty()) {
          System.out.printf("| %-60s | seed %3d | %s%n", bug.name(), seed, wrong);
          return;
        }
      }
    }
    assertThat(bug.what()).as("found by one of %d seeds", MOST_SEEDS).isEmpty();
  }
}
