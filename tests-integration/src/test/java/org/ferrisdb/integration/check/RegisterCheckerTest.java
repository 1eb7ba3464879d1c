package org.ferrisdb.integration.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.ferrisdb.integration.history.Event;
import org.ferrisdb.integration.history.History.Call;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The judge of registers is judged by histories whose verdict is known, wrong ones above all. */
class RegisterCheckerTest {
  private static final Checker CHECKER = new RegisterChecker(Duration.ofMinutes(1));

  private final Scene scene = new Scene();

  @Test
  void readsOfWhatWasWrittenAreRight() {
    scene
        .sees("read", "k", null)
        .ok("write", "k", 1)
        .sees("read", "k", 1)
        .ok("cas", "k", Scene.list(1, 2))
        .sees("read", "k", 2)
        .ok("delete", "k", null)
        .sees("read", "k", null)
        .ok("cas", "k", Scene.list(null, 3))
        .sees("read", "k", 3)
        .isRight(CHECKER);
  }

  @Test
  void readsThatOverlapAWriteMaySeeEither() {
    Call old = scene.begin("read", "k", null);
    Call fresh = scene.begin("read", "k", null);
    Call write = scene.begin("write", "k", 1);
    scene.end(write, null);
    scene.end(old, null);
    scene.end(fresh, 1);
    scene.isRight(CHECKER);
  }

  @Test
  void staleReadIsFoundWithBothWrites() {
    Violation violation =
        scene
            .ok("write", "k", 1)
            .ok("write", "k", 2)
            .sees("read", "k", 1)
            .isWrong(CHECKER, "stale read");
    assertThat(violation.events()).containsExactly(0L, 1L, 2L, 3L, 4L, 5L);
    assertThat(violation.explanation())
        .isEqualTo(
            "process 2 (events 4 to 5) read 1 from k, although that was overwritten and"
                + " acknowledged before: process 1 (events 2 to 3) wrote 2 to k");
  }

  @Test
  void staleReadIsFoundThoughTheNewerWriteIsNotAcknowledged() {
    Call write = scene.begin("write", "k", 2);
    scene.ok("write", "k", 1).sees("read", "k", 1).sees("read", "k", 2).sees("read", "k", 1);
    scene.end(write, null);
    scene.isWrong(CHECKER, "stale read");
  }

  @Test
  void readOfOldValueAfterDeleteIsStale() {
    scene
        .ok("write", "k", 1)
        .ok("delete", "k", null)
        .sees("read", "k", 1)
        .isWrong(CHECKER, "stale read");
  }

  @Test
  void lostWriteIsFound() {
    scene.ok("write", "k", 1).sees("read", "k", null).isWrong(CHECKER, "lost write");
  }

  @Test
  void readOfRefusedWriteIsFound() {
    scene.fails("write", "k", 1).sees("read", "k", 1).isWrong(CHECKER, "aborted read (G1a)");
  }

  @Test
  void readOfWhatNobodyWroteIsFound() {
    scene.ok("write", "k", 1).sees("read", "k", 7).isWrong(CHECKER, "unwritten value");
  }

  @Test
  void readOfWhatWasWrittenLaterIsFound() {
    scene.sees("read", "k", 1).ok("write", "k", 1).isWrong(CHECKER, "read from the future");
  }

  @Test
  void dirtyCompareAndSetIsFound() {
    scene.ok("write", "k", 1);
    Call one = scene.begin("cas", "k", Scene.list(1, 2));
    Call other = scene.begin("cas", "k", Scene.list(1, 3));
    scene.end(one, null);
    scene.end(other, null);
    scene.isWrong(CHECKER, "lost update (dirty compare-and-set)");
  }

  @Test
  void compareAndSetThatFoundAnOldValueIsFound() {
    scene
        .ok("write", "k", 1)
        .ok("write", "k", 2)
        .ok("cas", "k", Scene.list(1, 3))
        .isWrong(CHECKER, "stale read");
  }

  @Test
  void writeAppliedTwiceIsFound() {
    scene.ok("write", "k", 1).ok("write", "k", 2).sees("read", "k", 2).sees("read", "k", 1);
    scene.isWrong(CHECKER, "stale read");
  }

  @Test
  void unknownWriteMayTakeEffectLateOrNever() {
    scene
        .ok("write", "k", 1)
        .unknown("write", "k", 2)
        .sees("read", "k", 1)
        .sees("read", "k", 2)
        .unknown("write", "k", 3)
        .sees("read", "k", 2)
        .isRight(CHECKER);
  }

  @Test
  void unknownWriteTakesEffectOnceOnly() {
    scene
        .unknown("write", "k", 1)
        .sees("read", "k", 1)
        .ok("write", "k", 2)
        .sees("read", "k", 2)
        .sees("read", "k", 1)
        .isWrong(CHECKER, "stale read");
  }

  @Test
  void unknownCompareAndSetsMayBuildOnEachOtherInAnyOrder() {
    scene
        .ok("write", "k", 1)
        .unknown("cas", "k", Scene.list(2, 3))
        .unknown("cas", "k", Scene.list(1, 2))
        .sees("read", "k", 3)
        .isRight(CHECKER);
  }

  @Test
  void aCallStillOpenAtTheEndMayHaveTakenEffect() {
    scene.begin("write", "k", 1);
    scene.sees("read", "k", 1).isRight(CHECKER);
  }

  @Test
  void unknownDeleteExplainsOneAbsenceNotTwo() {
    scene.ok("write", "k", 1).unknown("delete", "k", null).sees("read", "k", null);
    scene.isRight(CHECKER);
    scene.ok("write", "k", 2).sees("read", "k", 2).sees("read", "k", null);
    scene.isWrong(CHECKER, "not linearizable");
  }

  @Test
  void keysAreJudgedAloneAndTheBadOneIsNamed() {
    scene.ok("write", "good", 1).ok("write", "bad", 2).sees("read", "good", 1);
    scene.sees("read", "bad", null);
    assertThat(scene.isWrong(CHECKER, "lost write").explanation())
        .contains("read absent from bad")
        .doesNotContain("good");
  }

  @Test
  void eventsOfOtherWorkloadsAreNotLookedAt() {
    scene
        .ok("add", "s", 1)
        .sees("read", "s", List.of(1))
        .sees("read", null, Map.of("0", 10))
        .ok("write", "k", 1)
        .sees("read", "k", 1);
    assertThat(CHECKER.check(scene.events())).isEqualTo(new Verdict.Right(2));
  }

  @Test
  void aHistoryThatBreaksTheRulesIsRefused() {
    List<Event> events = new ArrayList<>(scene.ok("write", "k", 1).events());
    events.removeFirst();
    assertThatThrownBy(() -> CHECKER.check(events))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("event 1 ends a call of process 0 that never began");
  }

  @Test
  void outOfTimeIsUndecidedAndNeverRight() {
    AtomicLong clock = new AtomicLong();
    Checker hasty = new RegisterChecker(Duration.ofNanos(1), () -> clock.addAndGet(10));
    List<Event> events = Simulation.run(1, 20, 5000, 0, new RegisterStore(1, 1_000_000));
    Verdict verdict = hasty.check(events);
    assertThat(verdict).isInstanceOf(Verdict.Undecided.class);
    assertThat(((Verdict.Undecided) verdict).why()).contains("k0-0").contains("Record fewer");
  }

  @Test
  void historiesOfARightStoreAreRight() {
    for (long seed : Seeds.some(30)) {
      int clients = 2 + (int) Math.floorMod(seed, 19L);
      List<Event> events = Simulation.run(seed, clients, 3000, 20, new RegisterStore(4, 100));
      assertThat(CHECKER.check(events)).as("seed %d", seed).isEqualTo(new Verdict.Right(3000));
    }
  }

  /** A store with one fault, somewhere in a long and concurrent history: found in every one. */
  @Test
  void oneStaleAnswerInALongHistoryIsFound() {
    for (long seed : Seeds.some(30)) {
      RegisterStore faulty =
          new RegisterStore(3, 150) {
            private int reads;

            @Override
            public @Nullable Object apply(Simulation.Ask ask) throws Simulation.Refused {
              Object right = super.apply(ask);
              return ask.f().equals("read") && ++reads == 700 ? (Object) 999_999L : right;
            }
          };
      List<Event> events = Simulation.run(seed, 10, 3000, 0, faulty);
      assertThat(CHECKER.check(events)).as("seed %d", seed).isInstanceOf(Verdict.Wrong.class);
    }
  }

  /** Reads that are answered from a copy which is some calls old, as by an old leader. */
  @Test
  void readsFromAnOldCopyAreFound() {
    for (long seed : Seeds.some(10)) {
      Map<String, Object> copy = new HashMap<>();
      Random random = new Random(seed);
      RegisterStore faulty =
          new RegisterStore(3, 200) {
            private int calls;

            @Override
            public @Nullable Object apply(Simulation.Ask ask) throws Simulation.Refused {
              if (++calls % 60 == 0) {
                copy.clear();
                copy.putAll(state);
              }
              Object right = super.apply(ask);
              boolean old = ask.f().equals("read") && random.nextInt(5) == 0;
              return old ? copy.get(ask.key()) : right;
            }
          };
      List<Event> events = Simulation.run(seed, 8, 2000, 30, faulty);
      assertThat(CHECKER.check(events)).as("seed %d", seed).isInstanceOf(Verdict.Wrong.class);
    }
  }

  @Test
  void twentyThousandOperationsTakeSeconds() {
    for (int callsPerKey : new int[] {200, 1_000_000}) {
      List<Event> events = Simulation.run(7, 20, 20_000, 50, new RegisterStore(5, callsPerKey));
      long began = System.nanoTime();
      assertThat(CHECKER.check(events)).isEqualTo(new Verdict.Right(20_000));
      long millis = (System.nanoTime() - began) / 1_000_000;
      System.out.println("20,000 operations, keys of " + callsPerKey + ": " + millis + " ms");
      assertThat(millis).isLessThan(20_000);
    }
  }
}
