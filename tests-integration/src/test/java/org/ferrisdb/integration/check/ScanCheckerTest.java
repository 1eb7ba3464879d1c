package org.ferrisdb.integration.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.ferrisdb.integration.history.Event;
import org.ferrisdb.integration.history.History.Call;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A scan shows one moment; the judge finds those that do not. */
class ScanCheckerTest {
  private static final Checker SCAN = new ScanChecker();
  private static final Checker FORK = new LongForkChecker();

  private final Scene scene = new Scene();

  @Test
  void aScanOfOneMomentIsRight() {
    scene
        .sees("scan", null, Map.of())
        .ok("write", "a", 1)
        .ok("write", "b", 2)
        .sees("scan", null, Map.of("a", 1, "b", 2))
        .ok("delete", "a", null)
        .sees("scan", null, Map.of("b", 2))
        .isRight(SCAN);
  }

  @Test
  void aScanMayShowAnyPartOfWhatIsGoingOn() {
    scene.ok("write", "a", 1);
    Call a = scene.begin("write", "a", 2);
    Call b = scene.begin("write", "b", 3);
    scene.sees("scan", null, Map.of("a", 1, "b", 3)).sees("scan", null, Map.of("a", 2, "b", 3));
    scene.end(a, null);
    scene.end(b, null);
    scene.isRight(SCAN);
  }

  @Test
  void aScanThatReadsEachKeyAtItsOwnTimeIsFound() {
    Call scan = scene.begin("scan", null, null);
    scene.ok("write", "a", 1).ok("write", "b", 2);
    scene.end(scan, Map.of("b", 2));
    Violation violation = scene.isWrong(SCAN, "scan of two moments");
    assertThat(violation.events()).contains(0L, 5L);
  }

  @Test
  void aScanOfTwoMomentsBothOldIsFound() {
    scene.ok("write", "a", 1).ok("write", "b", 2).ok("write", "a", 3).ok("write", "b", 4);
    scene.sees("scan", null, Map.of("a", 1, "b", 4)).isWrong(SCAN, "scan of two moments");
  }

  @Test
  void aStaleScanIsFound() {
    scene
        .ok("write", "a", 1)
        .ok("write", "b", 2)
        .ok("write", "b", 3)
        .sees("scan", null, Map.of("a", 1, "b", 2))
        .isWrong(SCAN, "stale scan");
  }

  @Test
  void twoScansThatSeeTwoWritesInDifferentOrdersAreFound() {
    Call a = scene.begin("write", "a", 1);
    Call b = scene.begin("write", "b", 2);
    scene.sees("scan", null, Map.of("a", 1)).sees("scan", null, Map.of("b", 2));
    scene.end(a, null);
    scene.end(b, null);
    assertThat(SCAN.check(scene.events())).isInstanceOf(Verdict.Wrong.class);
  }

  @Test
  void scansOfARightStoreAreRight() {
    for (long seed : Seeds.some(20)) {
      int clients = 2 + (int) Math.floorMod(seed, 15L);
      List<Event> events = Simulation.run(seed, clients, 2000, 30, store());
      assertThat(SCAN.check(events)).as("seed %d", seed).isInstanceOf(Verdict.Right.class);
    }
  }

  private static RegisterStore store() {
    return new RegisterStore(8, 1_000_000, 40);
  }

  /** As a scan that reads half of its keys now and then, some calls later, the others. */
  @Test
  void scansWhoseHalvesAreOfDifferentMomentsAreFound() {
    for (long seed : Seeds.some(10)) {
      Random random = new Random(seed);
      RegisterStore faulty =
          new RegisterStore(8, 1_000_000, 40) {
            private Map<String, Object> before = new TreeMap<>();
            private int calls;

            @Override
            public @Nullable Object apply(Simulation.Ask ask) throws Simulation.Refused {
              Object right = super.apply(ask);
              if (++calls % 10 == 0) {
                before = new TreeMap<>(state);
              }
              if (ask.f().equals("scan") && random.nextInt(20) == 0) {
                Map<String, Object> torn = new TreeMap<>(state);
                before.forEach((k, v) -> torn.computeIfPresent(k, (key, now) -> half(key, v, now)));
                return torn;
              }
              return right;
            }
          };
      List<Event> events = Simulation.run(seed, 8, 2000, 30, faulty);
      assertThat(SCAN.check(events)).as("seed %d", seed).isInstanceOf(Verdict.Wrong.class);
    }
  }

  private static Object half(String key, Object old, Object now) {
    return key.compareTo("k0-4") < 0 ? old : now;
  }

  @Test
  void twentyThousandOperationsTakeSeconds() {
    List<Event> events = Simulation.run(7, 12, 20_000, 100, store());
    long began = System.nanoTime();
    assertThat(SCAN.check(events)).isInstanceOf(Verdict.Right.class);
    long millis = (System.nanoTime() - began) / 1_000_000;
    System.out.println("20,000 operations with scans: " + millis + " ms");
    assertThat(millis).isLessThan(20_000);
  }

  @Test
  void readersOfAGroupThatAgreeAreRight() {
    Call x = scene.begin("write", "x", 1);
    Call y = scene.begin("write", "y", 2);
    scene
        .sees("read-group", null, group(null, null))
        .sees("read-group", null, group(1, null))
        .sees("read-group", null, group(1, 2));
    scene.end(x, null);
    scene.end(y, null);
    scene.isRight(FORK);
  }

  @Test
  void aLongForkIsFound() {
    Call x = scene.begin("write", "x", 1);
    Call y = scene.begin("write", "y", 2);
    scene.sees("read-group", null, group(1, null)).sees("read-group", null, group(null, 2));
    scene.end(x, null);
    scene.end(y, null);
    assertThat(scene.isWrong(FORK, "long fork").events()).containsExactly(2L, 3L, 4L, 5L);
  }

  @Test
  void aGroupThatMissesAnAcknowledgedWriteIsFound() {
    scene.ok("write", "x", 1).sees("read-group", null, group(null, null));
    scene.isWrong(FORK, "stale scan");
  }

  private static Map<String, @Nullable Object> group(@Nullable Object x, @Nullable Object y) {
    Map<String, @Nullable Object> group = new TreeMap<>();
    group.put("x", x);
    group.put("y", y);
    return group;
  }
}
