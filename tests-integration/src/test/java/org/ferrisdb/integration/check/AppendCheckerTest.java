package org.ferrisdb.integration.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.ferrisdb.integration.history.Event;
import org.ferrisdb.integration.history.History.Call;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Every anomaly of Adya's hierarchy, planted; and right histories, which must be left alone. */
class AppendCheckerTest {
  private static final Checker CHECKER = new AppendChecker();

  private final Scene scene = new Scene();

  private static List<@Nullable Object> append(String key, int element) {
    return Scene.list("append", key, element);
  }

  private static List<@Nullable Object> r(String key, Integer... elements) {
    return Scene.list("r", key, List.of(elements));
  }

  /** The steps as they are asked for: reads without answers. */
  private static List<@Nullable Object> asked(List<?> steps) {
    List<@Nullable Object> asked = new ArrayList<>();
    for (Object step : steps) {
      List<?> words = (List<?>) step;
      asked.add(words.get(0).equals("r") ? Scene.list("r", words.get(1), null) : (Object) words);
    }
    return asked;
  }

  private void txn(List<?>... steps) {
    scene.end(scene.begin("txn", null, asked(List.of(steps))), List.of(steps));
  }

  /** Transactions that are all open at the same time: real time says nothing of them. */
  private void together(List<?>... transactions) {
    List<Call> calls = new ArrayList<>();
    for (List<?> steps : transactions) {
      calls.add(scene.begin("txn", null, asked(steps)));
    }
    for (int i = 0; i < transactions.length; i++) {
      scene.end(calls.get(i), transactions[i]);
    }
  }

  @Test
  void transactionsOneAfterTheOtherAreRight() {
    txn(append("x", 1), r("x", 1), append("y", 2));
    txn(r("x", 1), append("x", 3), r("x", 1, 3), append("x", 4), r("x", 1, 3, 4));
    txn(r("x", 1, 3, 4), r("y", 2), r("z"));
    scene.isRight(CHECKER);
  }

  @Test
  void concurrentTransactionsThatHaveAnOrderAreRight() {
    together(
        List.of(r("x", 1, 2), append("y", 3)),
        List.of(append("x", 1)),
        List.of(append("x", 2), r("y")));
    scene.isRight(CHECKER);
  }

  @Test
  void unknownTransactionMayHaveHappenedOrNot() {
    scene.unknown("txn", null, List.of(append("x", 1), append("y", 2)));
    scene.unknown("txn", null, List.of(append("x", 3)));
    txn(r("x"), r("y"));
    txn(r("x", 1), r("y", 2));
    scene.isRight(CHECKER);
  }

  @Test
  void unknownTransactionHappensWholly() {
    scene.unknown("txn", null, List.of(append("x", 1), append("y", 2)));
    txn(r("x", 1));
    together(List.of(r("x", 1), r("y")), List.of(r("y", 2)));
    scene.isWrong(CHECKER, "G-single");
  }

  @Test
  void abortedReadIsFound() {
    scene.fails("txn", null, List.of(append("x", 1)));
    txn(r("x", 1));
    scene.isWrong(CHECKER, "G1a");
  }

  @Test
  void intermediateReadIsFound() {
    together(List.of(append("x", 1), append("x", 2)), List.of(r("x", 1)));
    scene.isWrong(CHECKER, "G1b");
  }

  @Test
  void dirtyUpdateIsFound() {
    scene.fails("txn", null, List.of(append("x", 1)));
    txn(append("x", 2));
    txn(r("x", 1, 2));
    scene.isWrong(CHECKER, "dirty update");
  }

  @Test
  void writesInDifferentOrdersAreG0() {
    together(
        List.of(append("x", 1), append("y", 1)),
        List.of(append("x", 2), append("y", 2)),
        List.of(r("x", 1, 2)),
        List.of(r("y", 2, 1)));
    Violation violation = scene.isWrong(CHECKER, "G0");
    assertThat(violation.explanation())
        .isEqualTo(
            "no order of these transactions explains what they read: "
                + "T1 came before T2, T2 appended 2 to x behind what T1 appended; "
                + "T2 came before T1, T1 appended 1 to y behind what T2 appended. Here "
                + "T1 is the transaction of process 0, events 0 to 4, "
                + "T2 is the transaction of process 1, events 1 to 5");
    assertThat(violation.events()).containsExactly(0L, 1L, 4L, 5L);
  }

  @Test
  void circularInformationIsG1c() {
    together(List.of(append("x", 1), r("y", 2)), List.of(append("y", 2), r("x", 1)));
    scene.isWrong(CHECKER, "G1c");
  }

  @Test
  void readSkewIsGSingle() {
    together(
        List.of(append("x", 1), append("y", 1)),
        List.of(append("x", 2), append("y", 2)),
        List.of(r("x", 1), r("y", 1, 2)),
        List.of(r("x", 1, 2)));
    scene.isWrong(CHECKER, "G-single");
  }

  @Test
  void lostUpdateIsFound() {
    together(
        List.of(r("x"), append("x", 1)), List.of(r("x"), append("x", 2)), List.of(r("x", 1, 2)));
    scene.isWrong(CHECKER, "lost update (G-single)");
  }

  @Test
  void writeSkewIsG2() {
    together(List.of(r("x"), append("y", 1)), List.of(r("y"), append("x", 2)), List.of(r("x", 2)));
    txn(r("y", 1));
    Violation violation = scene.isWrong(CHECKER, "G2");
    assertThat(violation.explanation()).contains("T1 read x without 2, which T2 appended");
  }

  /** Nobody ever reads what the two appended: that they did is known from their answers. */
  @Test
  void writeSkewIsFoundWithoutAReadOfTheAppends() {
    together(List.of(r("x"), append("y", 1)), List.of(r("y"), append("x", 2)));
    scene.isWrong(CHECKER, "G2");
  }

  @Test
  void longForkIsG2() {
    together(
        List.of(append("x", 1)),
        List.of(append("y", 2)),
        List.of(r("x", 1), r("y")),
        List.of(r("x"), r("y", 2)));
    scene.isWrong(CHECKER, "G2");
  }

  @Test
  void staleReadIsASkewOfRealTime() {
    txn(append("x", 1));
    txn(r("x"));
    scene.isWrong(CHECKER, "G-single-realtime");
  }

  @Test
  void acknowledgedAppendThatIsGoneIsFound() {
    txn(append("x", 1));
    txn(append("x", 2));
    txn(r("x", 2));
    scene.isWrong(CHECKER, "G0-realtime");
  }

  @Test
  void readOfTheFutureIsFound() {
    txn(r("x", 1));
    txn(append("x", 1));
    scene.isWrong(CHECKER, "G1c-realtime");
  }

  @Test
  void staleReadsOfTwoKeysInDifferentOrdersAreFound() {
    Call one = scene.begin("txn", null, asked(List.of(append("x", 1))));
    txn(r("x", 1));
    txn(r("x"));
    scene.end(one, List.of(append("x", 1)));
    scene.isWrong(CHECKER, "G-single-realtime");
  }

  @Test
  void readThatMissesItsOwnAppendIsInternal() {
    txn(append("x", 1), r("x"));
    scene.isWrong(CHECKER, "internal");
  }

  @Test
  void unrepeatableReadIsInternal() {
    together(List.of(r("x"), r("x", 1)), List.of(append("x", 1)));
    scene.isWrong(CHECKER, "internal");
  }

  @Test
  void elementThatIsThereTwiceIsFound() {
    txn(append("x", 1));
    txn(r("x", 1, 1));
    scene.isWrong(CHECKER, "duplicate element");
  }

  @Test
  void elementFromNowhereIsFound() {
    txn(r("x", 7));
    scene.isWrong(CHECKER, "unwritten value");
  }

  @Test
  void listsThatDoNotBeginEachOtherAreFound() {
    together(
        List.of(append("x", 1)),
        List.of(append("x", 2)),
        List.of(r("x", 1, 2)),
        List.of(r("x", 2)));
    scene.isWrong(CHECKER, "incompatible order");
  }

  /**
   * Lists in transactions; with a fault, if so wished: each read of a transaction at its own time.
   */
  private static final class Lists implements Simulation.Store {
    private static final int KEYS = 5;
    private final Map<String, List<Object>> lists = new HashMap<>();
    private final Map<String, List<Object>> old = new HashMap<>();
    private final int staleOneIn;
    private final Random random = new Random(1);
    private int last;
    private int applied;

    Lists(int staleOneIn) {
      this.staleOneIn = staleOneIn;
    }

    @Override
    public Simulation.Ask next(Random r) {
      List<Object> steps = new ArrayList<>();
      for (int i = 1 + r.nextInt(5); i > 0; i--) {
        String key = "k" + last / (KEYS * 64) + "-" + r.nextInt(KEYS);
        steps.add(r.nextBoolean() ? append(key, ++last) : Scene.list("r", key, null));
      }
      return new Simulation.Ask("txn", null, steps);
    }

    @Override
    public Object apply(Simulation.Ask ask) throws Simulation.Refused {
      if (random.nextInt(20) == 0) {
        throw new Simulation.Refused();
      }
      if (++applied % 7 == 0) {
        old.clear();
        lists.forEach((k, v) -> old.put(k, List.copyOf(v)));
      }
      List<Object> done = new ArrayList<>();
      boolean stale = staleOneIn > 0 && random.nextInt(staleOneIn) == 0;
      for (Object step : (List<?>) Objects.requireNonNull(ask.value())) {
        String key = String.valueOf(((List<?>) step).get(1));
        Object element = ((List<?>) step).get(2);
        if (element != null) {
          lists.computeIfAbsent(key, _ -> new ArrayList<>()).add(element);
          done.add(step);
        } else {
          done.add(
              Scene.list(
                  "r", key, List.copyOf((stale ? old : lists).getOrDefault(key, List.of()))));
        }
      }
      return done;
    }
  }

  @Test
  void transactionsOfARightStoreAreRight() {
    for (long seed : Seeds.some(20)) {
      int clients = 2 + (int) Math.floorMod(seed, 19L);
      List<Event> events = Simulation.run(seed, clients, 1500, 20, new Lists(0));
      assertThat(CHECKER.check(events)).as("seed %d", seed).isEqualTo(new Verdict.Right(1500));
    }
  }

  @Test
  void transactionsThatNowAndThenReadAnOldStateAreNot() {
    for (long seed : Seeds.some(10)) {
      List<Event> events = Simulation.run(seed, 8, 1500, 20, new Lists(50));
      assertThat(CHECKER.check(events)).as("seed %d", seed).isInstanceOf(Verdict.Wrong.class);
    }
  }

  @Test
  void twentyThousandTransactionsTakeSecondsRightOrWrong() {
    for (int staleOneIn : new int[] {0, 3}) {
      List<Event> events = Simulation.run(7, 20, 20_000, 50, new Lists(staleOneIn));
      long began = System.nanoTime();
      Verdict verdict = CHECKER.check(events);
      long millis = (System.nanoTime() - began) / 1_000_000;
      System.out.println("20,000 transactions, stale 1 in " + staleOneIn + ": " + millis + " ms");
      assertThat(verdict).isInstanceOf(staleOneIn == 0 ? Verdict.Right.class : Verdict.Wrong.class);
      assertThat(millis).isLessThan(30_000);
    }
  }
}
