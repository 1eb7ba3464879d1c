package org.ferrisdb.node.cli.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Collectors;
import org.ferrisdb.node.cli.demo.DemoState.Phase;
import org.jline.terminal.Attributes.LocalFlag;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.impl.LineDisciplineTerminal;
import org.jline.utils.AttributedString;
import org.jline.utils.ScreenTerminal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The live screen in a terminal that is a model, with scripted keys against a puppet. */
class LiveDemoTest {
  private static final int CTRL_C = 3;

  private LineDisciplineTerminal terminal;
  private ScreenTerminal screen;
  private long nanos;
  private final Puppet puppet = new Puppet();

  /** Plays a script, one step each time the loop asks for the state, and notes what it is told. */
  private static final class Puppet implements DemoControl {
    final Deque<Runnable> script = new ArrayDeque<>();
    final List<String> told = new ArrayList<>();
    DemoState state = DemoStates.quiet();
    boolean ended;

    @Override
    public DemoState state() {
      if (script.isEmpty()) {
        ended = true; // else a broken loop would go on for ever
      } else {
        script.remove().run();
      }
      return state;
    }

    @Override
    public void kill() {
      told.add("kill");
    }

    @Override
    public void pause() {
      told.add("pause");
    }

    @Override
    public void cut() {
      told.add("cut");
    }

    @Override
    public void heal() {
      told.add("heal");
    }

    @Override
    public void quit() {
      told.add("quit");
    }

    @Override
    public boolean ended() {
      return ended;
    }
  }

  @BeforeEach
  void open() throws IOException {
    var virtual = ScreenTerminal.withTerminal("test", "xterm-256color", 80, 24);
    terminal = virtual.terminal();
    screen = virtual.screen();
  }

  @AfterEach
  void close() throws IOException {
    terminal.close();
  }

  private boolean run() {
    return run(terminal, true);
  }

  private boolean run(Terminal on, boolean colours) {
    return new LiveDemo(on, colours, puppet, Duration.ofMinutes(10), () -> nanos).run();
  }

  private void keys(String... keys) {
    for (String key : keys) {
      puppet.script.add(() -> type(key));
    }
  }

  private void type(String key) {
    try {
      terminal.processInputBytes(key.getBytes(UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What is on the screen, without blanks at the ends of lines. */
  private String shown() {
    return screen.toString().lines().map(String::stripTrailing).collect(Collectors.joining("\n"));
  }

  private static String expected(DemoState state, int width, int height) {
    return new DemoScreen(true, true)
        .lines(state, width, height).stream()
            .map(AttributedString::toString)
            .map(String::stripTrailing)
            .collect(Collectors.joining("\n"));
  }

  @Test
  void keysDoWhatTheScreenSays() {
    keys("k", "p", "c", "h", "K", "q");
    puppet.script.add(() -> puppet.ended = true);
    assertThat(run()).isTrue();
    assertThat(puppet.told).containsExactly("kill", "pause", "cut", "heal", "kill", "quit");
  }

  @Test
  void otherKeysAndArrowsDoNothing() {
    keys("x", "\033[C", "\033OP", "\033[1;5C", "1", " ", "\033");
    run();
    assertThat(puppet.told).isEmpty();
  }

  @Test
  void theScreenShowsTheStateOfNow() {
    List<String> seen = new ArrayList<>();
    puppet.script.add(() -> puppet.state = DemoStates.quiet());
    puppet.script.add(() -> {
      seen.add(shown());
      puppet.state = DemoStates.justKilled();
    });
    puppet.script.add(() -> seen.add(shown()));
    run();
    assertThat(seen)
        .containsExactly(
            expected(DemoStates.quiet(), 80, 24), expected(DemoStates.justKilled(), 80, 24));
  }

  @Test
  void whatCameAboutByChangesLooksAsIfDrawnAnew() throws IOException {
    List<DemoState> states =
        List.of(
            DemoStates.quiet(),
            DemoStates.justKilled(),
            DemoStates.everythingAtOnce(),
            DemoStates.manyEvents(30),
            DemoStates.manyEvents(31),
            DemoStates.checking());
    List<long[]> changed = framesOf(states);
    for (int i = 0; i < states.size(); i++) {
      close();
      open();
      assertThat(changed.get(i))
          .as("cells with their styles, state %d", i)
          .isEqualTo(framesOf(List.of(states.get(i))).getFirst());
    }
  }

  /** What the cells of the screen are, one state after the other. */
  private List<long[]> framesOf(List<DemoState> states) {
    List<long[]> frames = new ArrayList<>();
    puppet.ended = false;
    puppet.state = states.getFirst();
    puppet.script.add(() -> {});
    for (int i = 0; i < states.size(); i++) {
      int next = Math.min(i + 1, states.size() - 1);
      puppet.script.add(() -> {
        long[] cells = new long[80 * 24];
        screen.dump(cells, new int[2]);
        frames.add(cells);
        puppet.state = states.get(next);
      });
    }
    run();
    return frames;
  }

  @Test
  void aResizedTerminalIsFilledAnew() {
    List<String> seen = new ArrayList<>();
    puppet.script.add(() -> {});
    puppet.script.add(() -> resize(100, 30));
    puppet.script.add(() -> {
      seen.add(shown());
      resize(60, 20);
    });
    puppet.script.add(() -> seen.add(shown()));
    run();
    assertThat(seen)
        .containsExactly(
            expected(DemoStates.quiet(), 100, 30), expected(DemoStates.quiet(), 60, 20));
  }

  private void resize(int columns, int rows) {
    terminal.setSize(Size.of(columns, rows));
    screen.setSize(Size.of(columns, rows));
  }

  @Test
  void afterwardsTheTerminalIsAsBefore() {
    terminal.writer().print("$ ./ferris demo\r\n");
    terminal.flush();
    String before = shown();
    String attributes = terminal.getAttributes().toString();
    List<Boolean> signalKeys = new ArrayList<>();
    puppet.script.add(() -> signalKeys.add(terminal.getAttributes().getLocalFlag(LocalFlag.ISIG)));
    puppet.script.add(() -> assertThat(shown()).contains("WRITES/S").doesNotContain("$"));
    run();
    assertThat(signalKeys).containsExactly(false);
    assertThat(shown()).isEqualTo(before);
    assertThat(terminal.getAttributes()).hasToString(attributes);
  }

  @Test
  void aDemoThatFailsInTheMiddleGivesTheTerminalBackToo() {
    String before = shown();
    puppet.script.add(() -> {});
    puppet.script.add(() -> {
      throw new IllegalStateException("a fault");
    });
    assertThat(org.assertj.core.api.Assertions.catchThrowable(this::run)).hasMessage("a fault");
    assertThat(shown()).isEqualTo(before);
  }

  @Test
  void aTerminalThatIsClosedUnderItEndsItQuietly() {
    puppet.script.add(() -> {});
    puppet.script.add(() -> {
      try {
        close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
    puppet.script.add(() -> {});
    LiveDemo live = new LiveDemo(terminal, true, puppet, Duration.ofMinutes(10), () -> nanos);
    assertThat(live.run()).isFalse();
  }

  @Test
  void ctrlCEndsLikeQ() {
    keys(Character.toString(CTRL_C));
    puppet.script.add(() -> {
      puppet.state = DemoStates.checking();
      puppet.ended = true;
    });
    assertThat(run()).isTrue();
    assertThat(puppet.told).containsExactly("quit");
  }

  @Test
  void anInterruptFromElsewhereEndsLikeQ() {
    puppet.script.add(() -> terminal.raise(Signal.INT));
    run();
    assertThat(puppet.told).containsExactly("quit");
  }

  @Test
  void whoWillNotWaitForTheVerdictLeavesWithASecondKey() {
    keys("q");
    puppet.script.add(() -> {
      puppet.state = DemoStates.checking();
      type("q"); // the same key press, held a little
    });
    puppet.script.add(() -> assertThat(shown()).contains("leave at once, without a verdict"));
    puppet.script.add(() -> {
      nanos = Duration.ofSeconds(2).toNanos();
      type("q");
    });
    puppet.script.add(() -> assertThat(false).as("still there").isTrue());
    assertThat(run()).isFalse();
    assertThat(puppet.told).containsExactly("quit");
  }

  @Test
  void nothingBreaksBeforeTheWorkloadRunsOrAfterIt() {
    for (Phase phase : List.of(Phase.STARTING, Phase.HEALING, Phase.CHECKING)) {
      puppet.ended = false;
      puppet.state = DemoStates.in(phase, Duration.ofSeconds(1));
      keys("k", "p", "c", "h");
      run();
    }
    assertThat(puppet.told).isEmpty();
  }

  @Test
  void whileItStartsQLeavesAtOnce() {
    puppet.state = DemoStates.starting();
    keys("q");
    puppet.script.add(() -> assertThat(false).as("still there").isTrue());
    assertThat(run()).isFalse();
  }

  @Test
  void itsTimeOverItEndsByItself() {
    puppet.script.add(() -> puppet.state = DemoStates.in(Phase.RUNNING, Duration.ofMinutes(10)));
    puppet.script.add(() -> {});
    assertThat(run()).isTrue();
    assertThat(puppet.told).containsExactly("quit");
  }

  @Test
  void coloursAreLeftOutWhereTheyAreNotWanted() throws IOException {
    assertThat(output(true)).containsPattern("\033\\[[0-9;]*3[0-9]");
    assertThat(output(false)).contains("WRITES/S").doesNotContainPattern("\033\\[[0-9;]*[1-9]m");
  }

  private String output(boolean colours) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (LineDisciplineTerminal bare =
        new LineDisciplineTerminal("bare", "xterm-256color", out, UTF_8)) {
      bare.setSize(Size.of(80, 24));
      puppet.ended = false;
      puppet.state = DemoStates.everythingAtOnce();
      puppet.script.add(() -> {});
      run(bare, colours);
    }
    return out.toString(UTF_8);
  }
}
