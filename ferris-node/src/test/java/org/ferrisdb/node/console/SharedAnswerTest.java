package org.ferrisdb.node.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SharedAnswerTest {
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
  private final AtomicInteger made = new AtomicInteger();
  private final SharedAnswer<Integer> answer =
      new SharedAnswer<>(made::incrementAndGet, Duration.ofNanos(100), nanos::get);

  @Test
  void tenOpenPagesCostAsMuchAsOne() throws Exception {
    try (ExecutorService pages = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> polls = new ArrayList<>();
      for (int page = 0; page < 10; page++) {
        polls.add(pages.submit(answer::get));
      }
      for (Future<Integer> poll : polls) {
        assertThat(poll.get()).isEqualTo(1);
      }
    }
    assertThat(made).hasValue(1);
  }

  @Test
  void itIsMadeAnewWhenItIsStale() {
    assertThat(answer.get()).isEqualTo(1);
    nanos.addAndGet(99);
    assertThat(answer.get()).isEqualTo(1);
    nanos.addAndGet(1);
    assertThat(answer.get()).isEqualTo(2);
  }

  @Test
  void aFailureIsNotKept() {
    AtomicInteger calls = new AtomicInteger();
    SharedAnswer<String> shaky =
        new SharedAnswer<>(
            () -> {
              if (calls.getAndIncrement() == 0) {
                throw new IllegalStateException("closing");
              }
              return "well";
            },
            Duration.ofNanos(100),
            nanos::get);
    assertThatThrownBy(shaky::get).hasMessage("closing");
    assertThat(shaky.get()).isEqualTo("well");
  }
}
