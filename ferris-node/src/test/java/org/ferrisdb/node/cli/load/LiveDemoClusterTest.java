package org.ferrisdb.node.cli.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.ferrisdb.node.cli.demo.DemoState;
import org.ferrisdb.node.cli.demo.DemoState.Condition;
import org.ferrisdb.node.cli.demo.DemoState.Event;
import org.ferrisdb.node.cli.demo.DemoState.Phase;
import org.ferrisdb.node.cli.demo.LiveDemo;
import org.jline.terminal.impl.LineDisciplineTerminal;
import org.jline.utils.ScreenTerminal;
import org.junit.jupiter.api.Test;

/** The live demo with three real nodes, a terminal that is a model, and keys pressed for it. */
class LiveDemoClusterTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Clients are few: the machine has other things to do in a test. */
  private static final int CLIENTS = 4;

  @Test
  void leadersAreKilledAndCutOffAndNothingIsLost() throws Exception {
    List<Long> pids = new ArrayList<>();
    try (TemporaryCluster temporary = TemporaryCluster.createWithNetwork("live", 3, 2, false);
        DemoRun run = new DemoRun(temporary.cluster(), temporary.network(), CLIENTS)) {
      // High enough that no event scrolls off before it is looked at.
      var virtual = ScreenTerminal.withTerminal("test", "xterm-256color", 100, 40);
      try (LineDisciplineTerminal terminal = virtual.terminal()) {
        run.start();
        CompletableFuture<Void> user =
            CompletableFuture.runAsync(() -> {
              try {
                play(run, terminal, virtual.screen());
                pids.addAll(temporary.cluster().pids());
              } finally {
                type(terminal, "q");
              }
            });
        LiveDemo live = new LiveDemo(terminal, true, run, Duration.ofMinutes(3), System::nanoTime);
        boolean ended = live.run();
        user.join(); // what failed there says more
        assertThat(ended).as("came to its end").isTrue();
      }
      DemoResult result = run.result();
      assertThat(result.passed()).as("%s", result.lines()).isTrue();
      assertThat(result.lines()).anyMatch(l -> l.contains("1 kill, 1 cut"));
      assertThat(result.acknowledged()).isGreaterThan(100);
    }
    assertThat(pids).hasSize(3);
    for (long pid : pids) {
      assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive))
          .as("node process %d after the demo", pid)
          .isEmpty();
    }
  }

  private static void play(DemoRun run, LineDisciplineTerminal terminal, ScreenTerminal screen) {
    await(run, "writes", s -> s.phase() == Phase.RUNNING && s.acknowledged() > 50 && allUp(s));

    type(terminal, "k");
    await(run, "a killed node", s -> is(s, Condition.KILLED));
    awaitShown(screen, "killed, starts again in");
    awaitShown(screen, "(kill -9), the leader of ");
    await(run, "service without it", s -> resumptions(s) == 1 && led(s));
    type(terminal, "h");
    await(run, "the node back", LiveDemoClusterTest::allUp);

    type(terminal, "c");
    await(run, "a node cut off", s -> is(s, Condition.CUT_OFF));
    String cutOff = cutOff(run.state());
    await(
        run,
        "its shards led by others",
        s ->
            resumptions(s) == 2
                && led(s)
                && s.shards().stream().noneMatch(shard -> shard.leader().equals(cutOff)));
    awaitShown(screen, "cut off from its peers for");
    long before = run.state().acknowledged();
    await(run, "writes without it", s -> s.acknowledged() > before + 50);
    type(terminal, "h");
    await(run, "all well", LiveDemoClusterTest::allUp);
  }

  private static void await(DemoRun run, String what, Predicate<DemoState> condition) {
    Awaitility.await(what)
        .atMost(PATIENCE)
        .failFast("the demo ended", () -> run.ended())
        .until(() -> condition.test(run.state()));
  }

  private static void awaitShown(ScreenTerminal screen, String text) {
    Awaitility.await().atMost(PATIENCE).until(screen::toString, s -> s.contains(text));
  }

  private static boolean allUp(DemoState state) {
    return led(state) && state.nodes().stream().allMatch(n -> n.condition() == Condition.UP);
  }

  private static boolean led(DemoState state) {
    return !state.shards().isEmpty()
        && state.shards().stream().noneMatch(s -> s.leader().isEmpty());
  }

  private static boolean is(DemoState state, Condition condition) {
    return state.nodes().stream().anyMatch(n -> n.condition() == condition);
  }

  private static String cutOff(DemoState state) {
    return state.nodes().stream()
        .filter(n -> n.condition() == Condition.CUT_OFF)
        .map(DemoState.Node::name)
        .findAny()
        .orElseThrow();
  }

  private static long resumptions(DemoState state) {
    return state.events().stream()
        .map(Event::text)
        .filter(text -> text.startsWith("every client writes again"))
        .count();
  }

  private static void type(LineDisciplineTerminal terminal, String key) {
    try {
      terminal.processInputByte(key.charAt(0));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
