package org.ferrisdb.integration.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The recorder keeps the rules of a history, or refuses. */
class HistoryTest {
  private final AtomicLong clock = new AtomicLong(1000);
  private final History history = new History(clock::get);

  @Test
  void aCallHasAnInvokeAndAnEndWithItsTimes() {
    int process = history.newProcess();
    clock.addAndGet(5);
    History.Call call = history.invoke(process, "write", "k", 7);
    clock.addAndGet(10);
    history.ok(call, null);
    assertThat(history.events())
        .extracting(HistoryJson::line)
        .containsExactly(
            "{\"index\":0,\"time\":5,\"process\":0,\"type\":\"invoke\",\"f\":\"write\",\"key\":\"k\",\"value\":7}",
            "{\"index\":1,\"time\":15,\"process\":0,\"type\":\"ok\",\"f\":\"write\",\"key\":\"k\",\"value\":7}");
  }

  @Test
  void aProcessWithAnOpenCallMayNotCallAgain() {
    int process = history.newProcess();
    history.invoke(process, "read", "k", null);
    assertThatThrownBy(() -> history.invoke(process, "read", "k", null))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("process 0 has the open call 0");
  }

  @Test
  void aProcessWhoseCallIsOfUnknownEndIsNoMore() {
    int process = history.newProcess();
    history.info(history.invoke(process, "write", "k", 1), "timeout");
    assertThatThrownBy(() -> history.invoke(process, "read", "k", null))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("newProcess()");
  }

  @Test
  void aCallEndsOnce() {
    History.Call call = history.invoke(history.newProcess(), "write", "k", 1);
    history.info(call, "timeout");
    assertThatThrownBy(() -> history.ok(call, null)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aListThatIsChangedLaterStaysAsItWas() {
    List<Long> elements = new ArrayList<>(List.of(1L));
    History.Call call = history.invoke(history.newProcess(), "read", "s", null);
    history.ok(call, elements);
    elements.add(2L);
    assertThat(history.events().getLast().value()).isEqualTo(List.of(1L));
  }

  @Test
  void aValueThatNoExportCouldWriteIsRefused() {
    assertThatThrownBy(() -> history.nemesis("kill", new Object()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("can not hold a java.lang.Object");
  }

  @Test
  void indexesHaveNoGapsWhateverTheThreadsDo() throws InterruptedException {
    List<Thread> clients = new ArrayList<>();
    for (int c = 0; c < 4; c++) {
      clients.add(
          Thread.ofPlatform()
              .start(() -> {
                int process = history.newProcess();
                for (int i = 0; i < 500; i++) {
                  history.ok(history.invoke(process, "read", "k", null), null);
                }
              }));
    }
    for (Thread client : clients) {
      client.join();
    }
    List<Event> events = history.events();
    assertThat(events).hasSize(4000);
    for (int i = 0; i < events.size(); i++) {
      assertThat(events.get(i).index()).isEqualTo(i);
    }
  }
}
