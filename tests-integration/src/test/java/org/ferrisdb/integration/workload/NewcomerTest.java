package org.ferrisdb.integration.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.client.FerrisException;
import org.ferrisdb.client.FerrisOptions;
import org.junit.jupiter.api.Test;

class NewcomerTest {
  private static final long SECOND = 1_000_000_000;

  private final List<Ferris> made = new ArrayList<>();
  private final List<Object> closed = new ArrayList<>();
  private long now;
  private boolean open = true;

  private Ferris connect() {
    if (!open) {
      throw refusal();
    }
    Ferris ferris =
        (Ferris)
            Proxy.newProxyInstance(
                Ferris.class.getClassLoader(),
                new Class<?>[] {Ferris.class},
                (self, method, _) -> {
                  if (method.getName().equals("close")) {
                    closed.add(System.identityHashCode(self));
                  }
                  return method.getName().equals("withDeadline") ? self : null;
                });
    made.add(ferris);
    return ferris;
  }

  private static FerrisException refusal() {
    try {
      throw new AssertionError(FerrisOptions.defaults().withConnectTimeout(Duration.ZERO));
    } catch (FerrisException e) {
      return e;
    }
  }

  @Test
  void aNewcomerStaysForASecondOrSoAndThenBeginsAnew() {
    try (Newcomer newcomer = new Newcomer(this::connect, new Random(1), () -> now)) {
      assertThat(newcomer.get()).isSameAs(made.getFirst());
      for (int i = 0; i < 3; i++) {
        now += SECOND / 10;
        assertThat(newcomer.get()).isSameAs(made.getFirst());
      }
      assertThat(newcomer.get()).isSameAs(made.getFirst());
      assertThat(closed).isEmpty();
      now += SECOND / 2; // the last call took as long as it may
      assertThat(newcomer.get()).isSameAs(made.get(1));
      for (int i = 2; i <= 5; i++) {
        now += 3 * SECOND;
        assertThat(newcomer.get()).isSameAs(made.get(i));
        assertThat(closed).hasSize(i).last().isEqualTo(System.identityHashCode(made.get(i - 1)));
      }
    }
    assertThat(closed).hasSize(made.size());
  }

  @Test
  void whereNobodyAnswersTheOldConnectionHasToDo() {
    try (Newcomer newcomer = new Newcomer(this::connect, new Random(1), () -> now)) {
      open = false;
      now += 3 * SECOND;
      assertThat(newcomer.get()).isSameAs(made.getFirst());
      assertThat(closed).isEmpty();
      open = true;
      assertThat(newcomer.get()).isSameAs(made.getFirst()); // not again at once
      now += 3 * SECOND;
      assertThat(newcomer.get()).isSameAs(made.get(1));
    }
  }
}
