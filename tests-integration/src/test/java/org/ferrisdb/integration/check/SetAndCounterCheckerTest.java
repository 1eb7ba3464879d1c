package org.ferrisdb.integration.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.ferrisdb.integration.history.Event;
import org.ferrisdb.integration.history.History.Call;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Sets, counters, and pairs of which one may be set. */
class SetAndCounterCheckerTest {
  private static final Checker SET = new SetChecker();
  private static final Checker COUNTER = new CounterChecker();
  private static final Checker SKEW = new WriteSkewChecker();

  private final Scene scene = new Scene();

  @Test
  void aSetThatKeepsWhatItWasGivenIsRight() {
    scene.ok("add", "s", 1).unknown("add", "s", 2).fails("add", "s", 3);
    scene
        .sees("read", "s", List.of(1))
        .sees("read", "s", List.of(1, 2))
        .sees("read", "t", List.of())
        .isRight(SET);
  }

  @Test
  void aLostElementIsFound() {
    scene.ok("add", "s", 1).ok("add", "s", 2).sees("read", "s", List.of(1, 2));
    scene.sees("read", "s", List.of(1));
    assertThat(scene.isWrong(SET, "lost element").explanation())
        .contains("read of set s")
        .contains("2 is missing, acknowledged before");
  }

  @Test
  void anElementThatWasNeverAcknowledgedButReadMayNotVanish() {
    scene.unknown("add", "s", 1).sees("read", "s", List.of(1)).sees("read", "s", List.of());
    scene.isWrong(SET, "lost element");
  }

  @Test
  void aReadThatMissesWhatALaterOneShowsIsStale() {
    scene.ok("add", "s", 1).sees("read", "s", List.of()).sees("read", "s", List.of(1));
    scene.isWrong(SET, "stale read");
  }

  @Test
  void aRefusedElementIsFound() {
    scene.fails("add", "s", 1).sees("read", "s", List.of(1)).isWrong(SET, "aborted read (G1a)");
  }

  @Test
  void anElementFromNowhereIsFound() {
    scene.ok("add", "s", 1).sees("read", "s", List.of(1, 7)).isWrong(SET, "unwritten value");
  }

  @Test
  void anElementFromTheFutureIsFound() {
    scene.sees("read", "s", List.of(1)).ok("add", "s", 1).isWrong(SET, "read from the future");
  }

  @Test
  void anElementThatIsThereTwiceIsFound() {
    scene.ok("add", "s", 1).sees("read", "s", List.of(1, 1)).isWrong(SET, "duplicate element");
  }

  @Test
  void readsThatDisagreeOnTheOrderOfAddsAreFound() {
    scene.begin("add", "s", 1);
    scene.begin("add", "s", 2);
    Call one = scene.begin("read", "s", null);
    Call other = scene.begin("read", "s", null);
    scene.end(one, List.of(1));
    scene.end(other, List.of(2));
    scene.isWrong(SET, "long fork");
  }

  @Test
  void setsOfARightStoreAreRightAndOneThatForgetsIsNot() {
    for (long seed : Seeds.some(10)) {
      assertThat(SET.check(Simulation.run(seed, 8, 2000, 20, new Sets(0))))
          .as("seed %d", seed)
          .isEqualTo(new Verdict.Right(acknowledgedReadsAndAdds(seed)));
      assertThat(SET.check(Simulation.run(seed, 8, 2000, 0, new Sets(500))))
          .as("seed %d", seed)
          .isInstanceOf(Verdict.Wrong.class);
    }
  }

  private static long acknowledgedReadsAndAdds(long seed) {
    return Operation.of(Simulation.run(seed, 8, 2000, 20, new Sets(0))).stream()
        .filter(o -> o.f().equals("add") || o.ok())
        .count();
  }

  /** Sets; one element is forgotten some time after its add, if so wished. */
  private static final class Sets implements Simulation.Store {
    private final Map<String, TreeSet<Long>> sets = new TreeMap<>();
    private final long forget;
    private long last;

    Sets(long forget) {
      this.forget = forget;
    }

    @Override
    public Simulation.Ask next(Random random) {
      String key = "s" + last / 300;
      return random.nextInt(4) == 0
          ? new Simulation.Ask("read", key, null)
          : new Simulation.Ask("add", key, ++last);
    }

    @Override
    public @Nullable Object apply(Simulation.Ask ask) {
      TreeSet<Long> set = sets.computeIfAbsent(String.valueOf(ask.key()), _ -> new TreeSet<>());
      if (ask.f().equals("add")) {
        set.add((Long) Objects.requireNonNull(ask.value()));
        return null;
      }
      if (forget > 0 && last > forget + 20) {
        set.remove(forget);
      }
      return List.copyOf(set);
    }
  }

  @Test
  void aCounterWithinItsBoundsIsRight() {
    scene.ok("add", "c", 2).unknown("add", "c", 3).fails("add", "c", 5);
    Call add = scene.begin("add", "c", 10);
    scene.sees("read", "c", 2).sees("read", "c", 15);
    scene.end(add, null);
    scene.ok("add", "c", -4).sees("read", "c", 11).isRight(COUNTER);
  }

  @Test
  void aLostUpdateIsFound() {
    scene.ok("add", "c", 1).ok("add", "c", 1).sees("read", "c", 1);
    assertThat(scene.isWrong(COUNTER, "lost update").explanation())
        .contains("counter c")
        .contains("at least 2 had been added for certain");
  }

  @Test
  void aRaiseThatIsCountedTwiceIsFound() {
    scene
        .ok("add", "c", 1)
        .ok("add", "c", 1)
        .sees("read", "c", 3)
        .isWrong(COUNTER, "counted twice");
  }

  @Test
  void aRaiseThatWasRefusedButCountedIsFound() {
    scene.fails("add", "c", 1).sees("read", "c", 1).isWrong(COUNTER, "counted twice");
  }

  @Test
  void aLoweringThatIsLostIsFound() {
    scene.ok("add", "c", 5).ok("add", "c", -2).sees("read", "c", 5);
    scene.isWrong(COUNTER, "counted twice");
  }

  @Test
  void aCounterThatGoesBackIsStale() {
    scene.unknown("add", "c", 1).sees("read", "c", 1).sees("read", "c", 0);
    scene.isWrong(COUNTER, "stale read");
  }

  @Test
  void countersOfARightStoreAreRight() {
    for (long seed : Seeds.some(10)) {
      long[] sum = new long[1];
      Simulation.Store store =
          new Simulation.Store() {
            @Override
            public Simulation.Ask next(Random random) {
              return random.nextInt(3) == 0
                  ? new Simulation.Ask("read", "c", null)
                  : new Simulation.Ask("add", "c", 1L + random.nextInt(5));
            }

            @Override
            public Object apply(Simulation.Ask ask) {
              sum[0] += ask.value() == null ? 0 : (Long) ask.value();
              return sum[0];
            }
          };
      List<Event> events = Simulation.run(seed, 8, 2000, 20, store);
      assertThat(COUNTER.check(events)).as("seed %d", seed).isInstanceOf(Verdict.Right.class);
    }
  }

  @Test
  void oneInsertOfEachPairIsRight() {
    scene
        .ok("insert", null, List.of("p1", 1))
        .fails("insert", null, List.of("p1", 2))
        .unknown("insert", null, List.of("p1", 3))
        .ok("insert", null, List.of("p2", 4))
        .isRight(SKEW);
  }

  @Test
  void writeSkewIsFound() {
    Call one = scene.begin("insert", null, List.of("p", 1));
    Call other = scene.begin("insert", null, List.of("p", 2));
    scene.end(one, null);
    scene.end(other, null);
    assertThat(scene.isWrong(SKEW, "write skew (G2)").events()).containsExactly(0L, 1L, 2L, 3L);
  }
}
