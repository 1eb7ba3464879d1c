package org.ferrisdb.integration.registers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.ferrisdb.integration.registers.History.End;
import org.junit.jupiter.api.Test;

/** The checker is tested on planted histories, wrong ones above all. */
class RegisterCheckerTest {
  private final History history = new History();

  @Test
  void sequentialReadsOfWhatWasWrittenArePossible() {
    history.write("k", history.start(), "a", End.OK);
    history.read("k", history.start(), "a");
    history.write("k", history.start(), null, End.OK);
    history.read("k", history.start(), null);
    assertThat(RegisterChecker.violations(history)).isEmpty();
  }

  @Test
  void readThatOverlapsWriteMaySeeEither() {
    long read = history.start();
    long otherRead = history.start();
    long write = history.start();
    history.write("k", write, "a", End.OK);
    history.read("k", read, null);
    history.read("k", otherRead, "a");
    assertThat(RegisterChecker.violations(history)).isEmpty();
  }

  @Test
  void staleReadIsFound() {
    history.write("k", history.start(), "a", End.OK);
    history.write("k", history.start(), "b", End.OK);
    history.read("k", history.start(), "a");
    assertThat(RegisterChecker.violations(history)).hasSize(1).first().asString().startsWith("k ");
  }

  @Test
  void lostUpdateIsFound() {
    history.write("k", history.start(), "a", End.OK);
    history.read("k", history.start(), null);
    assertThat(RegisterChecker.violations(history)).hasSize(1);
  }

  @Test
  void readOfRefusedWriteIsFound() {
    history.write("k", history.start(), "a", End.FAIL);
    history.read("k", history.start(), "a");
    assertThat(RegisterChecker.violations(history)).hasSize(1);
  }

  @Test
  void dirtyCompareAndSetIsFound() {
    history.write("k", history.start(), "a", End.OK);
    long first = history.start();
    long second = history.start();
    history.cas("k", first, "a", "b", End.OK);
    history.cas("k", second, "a", "c", End.OK);
    assertThat(RegisterChecker.violations(history)).hasSize(1);
  }

  @Test
  void unknownWriteMayTakeEffectLateOrNever() {
    history.write("k", history.start(), "a", End.OK);
    history.write("k", history.start(), "ghost", End.UNKNOWN);
    history.read("k", history.start(), "a");
    history.read("k", history.start(), "ghost");
    assertThat(RegisterChecker.violations(history)).isEmpty();
  }

  @Test
  void unknownWriteTakesEffectOnceOnly() {
    history.write("k", history.start(), "ghost", End.UNKNOWN);
    history.read("k", history.start(), "ghost");
    history.write("k", history.start(), "a", End.OK);
    history.read("k", history.start(), "ghost");
    assertThat(RegisterChecker.violations(history)).hasSize(1);
  }

  @Test
  void keysAreJudgedAlone() {
    history.write("good", history.start(), "a", End.OK);
    history.write("bad", history.start(), "a", End.OK);
    history.read("good", history.start(), "a");
    history.read("bad", history.start(), "x");
    assertThat(RegisterChecker.violations(history)).hasSize(1).first().asString().startsWith("bad");
  }

  /** Three clients on one real register: whatever the interleaving, the history is possible. */
  @Test
  void concurrentHistoryOfRealRegisterIsPossible() throws InterruptedException {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    java.util.concurrent.atomic.AtomicReference<String> register =
        new java.util.concurrent.atomic.AtomicReference<>();
    Thread[] clients = new Thread[3];
    for (int c = 0; c < clients.length; c++) {
      int client = c;
      clients[c] =
          Thread.ofPlatform()
              .start(() -> {
                Random random = new Random(seed + client);
                for (int i = 0; i < 80; i++) {
                  long started = history.start();
                  if (random.nextBoolean()) {
                    String value = client + "-" + i;
                    register.set(value);
                    history.write("k", started, value, End.OK);
                  } else {
                    history.read("k", started, register.get());
                  }
                }
              });
    }
    for (Thread client : clients) {
      client.join();
    }
    assertThat(history.size()).isEqualTo(240);
    assertThat(RegisterChecker.violations(history)).isEmpty();
  }
}
