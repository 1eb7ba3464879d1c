package org.ferrisdb.node.cli.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.ferrisdb.node.health.ClusterPicture;
import org.ferrisdb.node.health.Health.State;
import org.ferrisdb.node.health.NodeAnswer;
import org.jline.terminal.Attributes.LocalFlag;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.TerminalBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code status --watch}, on a terminal and in a pipe. */
class StatusWatchTest {
  private final AtomicInteger looks = new AtomicInteger();
  private final StatusWatch watch = new StatusWatch(this::look, false);

  /** A cluster whose only node does not answer; each look finds another reason. */
  private ClusterPicture look() {
    return ClusterPicture.of(
        List.of(NodeAnswer.none("10.0.0.1:7001", "reason " + looks.incrementAndGet())));
  }

  @Test
  void inAPipeEveryLookIsPrintedUntilNobodyReads() throws Exception {
    List<String> printed = new ArrayList<>();
    State state =
        watch.repeat(
            (picture, _) -> printed.add(picture.nodes().getFirst().problem()),
            Duration.ofMillis(1),
            () -> printed.size() == 3);
    assertThat(printed).containsExactly("reason 1", "reason 2", "reason 3");
    assertThat(state).isEqualTo(State.UNREACHABLE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"q", "Ctrl-C"})
  void aTerminalIsRedrawnUntilItsReaderHasSeenEnoughAndKeepsTheLastPicture(String end)
      throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (PipedOutputStream keys = new PipedOutputStream();
        Terminal terminal =
            TerminalBuilder.builder()
                .system(false)
                .streams(new PipedInputStream(keys), out)
                .type("xterm")
                .encoding(UTF_8)
                .build()) {
      terminal.setSize(Size.of(100, 30));
      CompletableFuture<State> watching =
          CompletableFuture.supplyAsync(() -> onScreen(terminal, Duration.ofMillis(5)));
      await().until(() -> looks.get() > 3);
      assertThat(terminal.getAttributes().getLocalFlag(LocalFlag.ICANON)).isFalse();
      if (end.equals("q")) {
        keys.write('q');
        keys.flush();
      } else {
        terminal.raise(Signal.INT);
      }
      assertThat(watching.get()).isEqualTo(State.UNREACHABLE);
      assertThat(terminal.getAttributes().getLocalFlag(LocalFlag.ICANON)).isTrue();
    }
    String sent = out.toString(UTF_8);
    assertThat(sent).startsWith("\u001b[?1049h").contains("every 5 ms; q ends", "reason 1");
    String after = sent.substring(sent.indexOf("\u001b[?1049l"));
    assertThat(after).contains("UNREACHABLE", "reason " + looks.get()).doesNotContain("q ends");
  }

  private State onScreen(Terminal terminal, Duration interval) {
    try {
      return watch.onScreen(terminal, interval);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
