package org.ferrisdb.integration.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.ferrisdb.integration.history.Event;
import org.ferrisdb.integration.history.History.Call;
import org.junit.jupiter.api.Test;

/** Banks: what is torn, what is lost, and what adds up but is old. */
class BankCheckerTest {
  private static final Checker CHECKER = new BankChecker(30);

  private final Scene scene = new Scene();

  private static Map<String, Object> transfer(int from, int to, int amount) {
    return Map.of("from", from, "to", to, "amount", amount);
  }

  private static Map<String, Object> balances(int a, int b, int c) {
    return Map.of("0", a, "1", b, "2", c);
  }

  @Test
  void readsThatShowEveryTransferAreRight() {
    scene.sees("read", null, balances(10, 10, 10)).ok("transfer", null, transfer(0, 1, 3));
    scene.fails("transfer", null, transfer(0, 2, 50)).sees("read", null, balances(7, 13, 10));
    Call going = scene.begin("transfer", null, transfer(1, 2, 5));
    scene.sees("read", null, balances(7, 13, 10)).sees("read", null, balances(7, 8, 15));
    scene.end(going, null);
    scene.isRight(CHECKER);
  }

  @Test
  void unknownTransferMayComeLateOrNever() {
    scene.unknown("transfer", null, transfer(0, 1, 3)).unknown("transfer", null, transfer(0, 2, 1));
    scene.sees("read", null, balances(10, 10, 10)).sees("read", null, balances(7, 13, 10));
    scene.isRight(CHECKER);
  }

  @Test
  void unknownTransferMayNotComeAndGo() {
    scene.unknown("transfer", null, transfer(0, 1, 3)).sees("read", null, balances(7, 13, 10));
    scene.sees("read", null, balances(10, 10, 10)).sees("read", null, balances(7, 13, 10));
    scene.isWrong(CHECKER, "impossible balances");
  }

  @Test
  void tornTransferIsFound() {
    scene.ok("transfer", null, transfer(0, 1, 3)).sees("read", null, balances(7, 10, 10));
    assertThat(scene.isWrong(CHECKER, "torn transfer").explanation())
        .contains("that is 27 and not 30");
  }

  @Test
  void missingAccountIsFound() {
    scene.ok("transfer", null, transfer(0, 2, 10)).sees("read", null, Map.of("0", 20, "1", 10));
    scene.isWrong(CHECKER, "missing account");
  }

  @Test
  void overdraftIsFound() {
    scene.ok("transfer", null, transfer(0, 1, 13)).sees("read", null, balances(-3, 23, 10));
    scene.isWrong(CHECKER, "overdraft");
  }

  @Test
  void staleButConsistentReadIsFoundWithWhatItMisses() {
    scene
        .ok("transfer", null, transfer(0, 1, 3))
        .ok("transfer", null, transfer(1, 2, 4))
        .sees("read", null, balances(7, 13, 10))
        .sees("read", null, balances(7, 9, 14));
    Violation violation = scene.isWrong(CHECKER, "stale bank read");
    assertThat(violation.explanation()).contains("4 from 1 to 2 (process 1, events 2 to 3)");
    assertThat(violation.events()).containsExactly(2L, 3L, 4L, 5L);
  }

  @Test
  void staleReadIsFoundThoughTransfersAreGoingOn() {
    scene.ok("transfer", null, transfer(0, 1, 3));
    Call going = scene.begin("transfer", null, transfer(0, 2, 1));
    scene.sees("read", null, balances(9, 10, 11)).sees("read", null, balances(6, 13, 11));
    scene.end(going, null);
    scene.isWrong(CHECKER, "stale bank read");
  }

  @Test
  void lostTransferIsFound() {
    scene
        .ok("transfer", null, transfer(0, 1, 3))
        .ok("transfer", null, transfer(1, 2, 4))
        .sees("read", null, balances(10, 6, 14))
        .ok("transfer", null, transfer(2, 0, 1))
        .sees("read", null, balances(11, 6, 13));
    assertThat(scene.isWrong(CHECKER, "lost transfer").explanation())
        .contains("3 from 0 to 1")
        .contains("and so do all later reads");
  }

  @Test
  void transferThatWasRefusedButHappenedIsFound() {
    scene.fails("transfer", null, transfer(0, 1, 3)).sees("read", null, balances(7, 13, 10));
    scene.isWrong(CHECKER, "impossible balances");
  }

  @Test
  void transferThatHappenedTwiceIsFound() {
    scene.ok("transfer", null, transfer(0, 1, 3)).sees("read", null, balances(4, 16, 10));
    scene.isWrong(CHECKER, "impossible balances");
  }

  @Test
  void transferFromTheFutureIsFound() {
    scene.sees("read", null, balances(7, 13, 10)).ok("transfer", null, transfer(0, 1, 3));
    scene.isWrong(CHECKER, "impossible balances");
  }

  @Test
  void readsThatDisagreeOnTheOrderOfTransfersAreFound() {
    Call one = scene.begin("transfer", null, transfer(0, 1, 3));
    Call other = scene.begin("transfer", null, transfer(1, 2, 4));
    scene.sees("read", null, balances(7, 13, 10)).sees("read", null, balances(10, 6, 14));
    scene.end(one, null);
    scene.end(other, null);
    scene.isWrong(CHECKER, "impossible balances");
  }

  @Test
  void laterTransferWithoutTheEarlierOneIsFound() {
    Call read = scene.begin("read", null, null);
    scene.ok("transfer", null, transfer(0, 1, 3)).ok("transfer", null, transfer(1, 2, 4));
    scene.end(read, balances(10, 6, 14));
    scene.isWrong(CHECKER, "impossible balances");
  }

  /** A bank; with a fault, if so wished: some reads show the state of some calls ago. */
  private static final class Bank implements Simulation.Store {
    static final int ACCOUNTS = 8;
    static final Checker CHECKER = new BankChecker(ACCOUNTS * 100, Duration.ofSeconds(20));
    private final Map<String, Long> accounts = new TreeMap<>();
    private final int staleOneIn;
    private final Random random = new Random(1);
    private Map<String, Long> old = Map.of();
    private int applied;

    Bank(int staleOneIn) {
      this.staleOneIn = staleOneIn;
      for (int i = 0; i < ACCOUNTS; i++) {
        accounts.put("" + i, 100L);
      }
      old = new TreeMap<>(accounts);
    }

    @Override
    public Simulation.Ask next(Random r) {
      int from = r.nextInt(ACCOUNTS);
      int to = (from + 1 + r.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
      return r.nextInt(3) == 0
          ? new Simulation.Ask("read", null, null)
          : new Simulation.Ask("transfer", null, transfer(from, to, 1 + r.nextInt(5)));
    }

    @Override
    public Object apply(Simulation.Ask ask) throws Simulation.Refused {
      if (++applied % 30 == 0) {
        old = new TreeMap<>(accounts);
      }
      if (ask.f().equals("read")) {
        boolean stale = staleOneIn > 0 && random.nextInt(staleOneIn) == 0;
        return new TreeMap<>(stale ? old : accounts);
      }
      Map<?, ?> value = (Map<?, ?>) Objects.requireNonNull(ask.value());
      long amount = Long.parseLong(String.valueOf(value.get("amount")));
      String from = String.valueOf(value.get("from"));
      if (accounts.getOrDefault(from, 0L) < amount) {
        throw new Simulation.Refused();
      }
      accounts.merge(from, -amount, Long::sum);
      accounts.merge(String.valueOf(value.get("to")), amount, Long::sum);
      return ask.value();
    }
  }

  @Test
  void banksOfARightStoreAreRight() {
    for (long seed : Seeds.some(10)) {
      int clients = 2 + (int) Math.floorMod(seed, 9L);
      List<Event> events = Simulation.run(seed, clients, 2000, 50, new Bank(0));
      assertThat(Bank.CHECKER.check(events)).as("seed %d", seed).isInstanceOf(Verdict.Right.class);
    }
  }

  @Test
  void banksThatNowAndThenAnswerOfThePastAreNot() {
    for (long seed : Seeds.some(5)) {
      List<Event> events = Simulation.run(seed, 5, 1500, 0, new Bank(50));
      assertThat(Bank.CHECKER.check(events)).as("seed %d", seed).isInstanceOf(Verdict.Wrong.class);
    }
  }

  @Test
  void twentyThousandOperationsTakeSeconds() {
    List<Event> events = Simulation.run(7, 10, 20_000, 500, new Bank(0));
    long began = System.nanoTime();
    Verdict verdict = Bank.CHECKER.check(events);
    long millis = (System.nanoTime() - began) / 1_000_000;
    System.out.println("20,000 operations of a bank: " + millis + " ms, " + verdict);
    assertThat(verdict).isInstanceOf(Verdict.Right.class);
    assertThat(millis).isLessThan(20_000);
  }
}
