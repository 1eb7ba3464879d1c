package org.ferrisdb.node.cli.demo;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.ferrisdb.node.cli.demo.DemoState.Phase;
import org.jline.terminal.Attributes;
import org.jline.terminal.Attributes.LocalFlag;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.Terminal.Signal;
import org.jline.utils.Display;
import org.jline.utils.InfoCmp.Capability;
import org.jline.utils.NonBlockingReader;

/**
 * The loop of the live screen: draws, waits for a key, acts, until the demo has ended or the user
 * leaves. It uses the alternate screen, so what was on the terminal is there again afterwards.
 *
 * <p>For one thread; {@link #restore} may come from another one, when the process ends early.
 */
public final class LiveDemo {
  private static final long REFRESH_MILLIS = 200;

  /** What an escape sequence has left to say comes at once. */
  private static final long SEQUENCE_MILLIS = 20;

  /** A key held down is pressed once. */
  private static final long SECOND_QUIT_NANOS = Duration.ofMillis(700).toNanos();

  private static final int CTRL_C = 3;
  private static final int CTRL_D = 4;
  private static final int CTRL_L = 12;
  private static final int ESCAPE = 27;

  /** The cursor shown, the alternate screen left; what terminals agree on. */
  public static final String NORMAL_SCREEN = "\033[?25h\033[?1049l";

  private static final Size USUAL = Size.of(80, 24);

  private final Terminal terminal;
  private final DemoControl control;
  private final DemoScreen screen;
  private final Display display;
  private final Duration length;
  private final LongSupplier nanoTime;
  private final AtomicBoolean interrupted = new AtomicBoolean();
  private final Attributes before;

  /** Whether the terminal shows our screen. */
  @GuardedBy("this")
  private boolean taken;

  private Size drawn = Size.of(0, 0);
  private boolean quitting;
  private long quitAt;
  private boolean left;

  /**
   * Makes one; touches nothing yet.
   *
   * @param terminal where to show it
   * @param colours whether colours are wanted
   * @param control the demo
   * @param length after which it ends as if the user had quit
   * @param nanoTime a clock like {@link System#nanoTime}
   */
  public LiveDemo(
      Terminal terminal,
      boolean colours,
      DemoControl control,
      Duration length,
      LongSupplier nanoTime) {
    this.terminal = terminal;
    this.control = control;
    this.screen = new DemoScreen(terminal.encoding().equals(StandardCharsets.UTF_8), colours);
    this.display = new Display(terminal, true);
    this.length = length;
    this.nanoTime = nanoTime;
    this.before = terminal.getAttributes();
  }

  /**
   * Shows the demo; the terminal is as before on return.
   *
   * @return whether it came to its end; false: the user left without waiting for the verdict
   */
  public boolean run() {
    take();
    try {
      while (!left && !control.ended()) {
        DemoState state = control.state();
        show(state);
        if (!quitting && state.elapsed().compareTo(length) >= 0) {
          quit(state);
        }
        key(state);
      }
    } finally {
      restore();
    }
    return !left;
  }

  private synchronized void take() {
    taken = true;
    terminal.enterRawMode();
    Attributes raw = terminal.getAttributes();
    // Ctrl-C is a key like the others; a SIGINT from elsewhere means the same.
    raw.setLocalFlag(LocalFlag.ISIG, false);
    terminal.setAttributes(raw);
    terminal.handle(Signal.INT, _ -> interrupted.set(true));
    terminal.puts(Capability.enter_ca_mode);
    terminal.puts(Capability.cursor_invisible);
    terminal.flush();
  }

  /**
   * Gives the terminal back as it was; nothing is left to be done the second time.
   *
   * @return false if somebody has closed the terminal: then its settings are as before, but {@link
   *     #NORMAL_SCREEN} must be written to it some other way
   */
  public synchronized boolean restore() {
    if (!taken) {
      return true;
    }
    taken = false;
    try {
      terminal.puts(Capability.cursor_normal);
      terminal.puts(Capability.exit_ca_mode);
      terminal.flush();
      terminal.setAttributes(before);
      return true;
    } catch (IllegalStateException e) {
      return false;
    }
  }

  private void show(DemoState state) {
    try {
      draw(state);
    } catch (IllegalStateException e) {
      left = true; // closed by JLine's shutdown hook: the process is ending
    }
  }

  private synchronized void draw(DemoState state) {
    if (!taken) {
      return; // the process is ending
    }
    Size size = terminal.getSize();
    if (size.getColumns() <= 0 || size.getRows() <= 0) {
      size = USUAL; // some terminals do not tell
    }
    if (!size.equals(drawn)) {
      drawn = Size.of(size.getColumns(), size.getRows());
      display.resize(drawn);
      display.clear();
    }
    display.update(screen.lines(state, size.getColumns(), size.getRows()), -1);
  }

  private void key(DemoState state) {
    int key = read();
    if (interrupted.getAndSet(false)) {
      quit(state);
    }
    switch (Character.toLowerCase(key)) {
      case 'k' -> ifRunning(state, control::kill);
      case 'p' -> ifRunning(state, control::pause);
      case 'c' -> ifRunning(state, control::cut);
      case 'h' -> ifRunning(state, control::heal);
      case 'q', CTRL_C, CTRL_D, NonBlockingReader.EOF -> quit(state);
      case CTRL_L -> display.clear();
      default -> {
        // no key of ours, or none came
      }
    }
  }

  private static void ifRunning(DemoState state, Runnable action) {
    if (state.phase() == Phase.RUNNING) {
      action.run();
    }
  }

  /** The first time an orderly end, which takes some seconds; the second time at once. */
  private void quit(DemoState state) {
    long now = nanoTime.getAsLong();
    if (state.phase() == Phase.STARTING) {
      left = true; // nothing was written yet, so there is nothing to be told
    } else if (!quitting) {
      quitting = true;
      quitAt = now;
      control.quit();
    } else if (now - quitAt >= SECOND_QUIT_NANOS) {
      left = true;
    }
  }

  private int read() {
    try {
      int key = terminal.reader().read(REFRESH_MILLIS);
      if (key == ESCAPE) {
        // An arrow key ends in a letter that is none of ours.
        while (terminal.reader().peek(SEQUENCE_MILLIS) >= 0) {
          terminal.reader().read();
        }
      }
      return key;
    } catch (IOException | IllegalStateException e) {
      return NonBlockingReader.EOF; // the terminal is gone
    }
  }
}
