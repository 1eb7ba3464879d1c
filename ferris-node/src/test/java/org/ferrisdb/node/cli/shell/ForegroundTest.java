package org.ferrisdb.node.cli.shell;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.ferrisdb.node.cli.ExitCode;
import org.junit.jupiter.api.Test;

/** Ctrl-C ends the command and not the shell. */
class ForegroundTest {
  private final Foreground foreground = new Foreground();
  private final CountDownLatch begun = new CountDownLatch(1);

  private CompletableFuture<Integer> start(int ifInterrupted, Runnable onCancel) {
    CompletableFuture<Integer> ended =
        CompletableFuture.supplyAsync(() -> foreground.run(() -> block(ifInterrupted), onCancel));
    begin();
    return ended;
  }

  private int block(int ifInterrupted) {
    begun.countDown();
    while (true) {
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        if (ifInterrupted >= 0) {
          return ifInterrupted;
        }
      }
    }
  }

  private void begin() {
    try {
      begun.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aCommandEndsWithItsStatus() {
    assertThat(foreground.run(() -> 3, () -> {})).isEqualTo(3);
    foreground.cancel(); // nothing runs: nothing happens
    assertThat(foreground.run(() -> 0, () -> {})).isZero();
  }

  @Test
  void aCommandThatWaitsIsWokenUp() {
    CompletableFuture<Integer> ended = start(1, () -> {});
    foreground.cancel();
    assertThat(ended.join()).isEqualTo(1);
  }

  @Test
  void aCommandThatDoesNotListenIsLeftToItselfTheSecondTime() {
    CompletableFuture<Integer> ended = start(-1, () -> {});
    foreground.cancel();
    assertThat(ended).isNotDone();
    foreground.cancel();
    assertThat(ended.join()).isEqualTo(ExitCode.UNKNOWN);
  }

  @Test
  void aCommandThatOnlyPrintsFindsNobodyWhoReads() {
    ByteArrayOutputStream to = new ByteArrayOutputStream();
    CancellableOutput output = new CancellableOutput(to);
    PrintStream out = new PrintStream(output, false, UTF_8);
    CompletableFuture<Integer> ended =
        CompletableFuture.supplyAsync(() ->
            foreground.run(
                () -> {
                  begun.countDown();
                  int lines = 0;
                  while (!out.checkError()) {
                    out.println("line");
                    lines++;
                  }
                  return lines;
                },
                output::cancel));
    begin();
    foreground.cancel();
    assertThat(ended.join()).isNotNegative();
  }
}
