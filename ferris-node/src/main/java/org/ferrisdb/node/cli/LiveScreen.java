package org.ferrisdb.node.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.Terminal.SignalHandler;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;
import org.jline.utils.Display;
import org.jline.utils.InfoCmp.Capability;
import org.jline.utils.NonBlockingReader;

/**
 * A screen that is drawn again and again, until its reader presses q or Ctrl-C. Only what differs
 * is sent. When it is closed, the terminal shows what it showed before. For one thread.
 */
public final class LiveScreen implements AutoCloseable {
  /** How late Ctrl-C is noticed at most: the signal itself wakes nobody who waits for a key. */
  private static final long SLICE_MILLIS = 50;

  private final Terminal terminal;
  private final Display display;
  private final Attributes before;
  private final SignalHandler interruptBefore;
  private volatile boolean quit;

  private LiveScreen(Terminal terminal) {
    this.terminal = terminal;
    display = new Display(terminal, true);
    before = terminal.enterRawMode();
    interruptBefore = terminal.handle(Signal.INT, _ -> quit = true);
    terminal.puts(Capability.enter_ca_mode);
    terminal.puts(Capability.cursor_invisible);
    terminal.puts(Capability.clear_screen);
    terminal.flush();
  }

  /** Takes the screen over. */
  public static LiveScreen open(Terminal terminal) {
    return new LiveScreen(terminal);
  }

  /**
   * Draws.
   *
   * @param lines from the top, with ANSI colours or without; what does not fit is cut off
   * @param foot the last line of the screen, in faint letters
   */
  public void draw(List<String> lines, String foot) {
    int rows = Math.max(2, terminal.getRows());
    int columns = Math.max(20, terminal.getColumns());
    display.resize(Size.of(columns, rows));
    List<AttributedString> drawn = new ArrayList<>();
    for (String line : lines) {
      drawn.addAll(AttributedString.fromAnsi(line).columnSplitLength(columns));
    }
    while (drawn.size() > rows - 1) {
      drawn.removeLast();
    }
    while (drawn.size() < rows - 1) {
      drawn.add(AttributedString.EMPTY);
    }
    drawn.add(
        new AttributedStringBuilder()
            .styled(AttributedStyle.DEFAULT.faint(), foot)
            .toAttributedString()
            .columnSubSequence(0, columns - 1));
    display.update(drawn, -1);
  }

  /** Whether q or Ctrl-C was pressed. */
  public boolean quit() {
    return quit;
  }

  /**
   * Waits for that, so long at most.
   *
   * @return whether it was pressed
   * @throws IOException if the terminal fails
   * @throws InterruptedException if the thread is interrupted meanwhile
   */
  public boolean awaitQuit(Duration atMost) throws IOException, InterruptedException {
    long began = System.nanoTime();
    while (!quit) {
      long left = atMost.minusNanos(System.nanoTime() - began).toMillis();
      if (left <= 0) {
        break;
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      int key = terminal.reader().read(Math.min(left, SLICE_MILLIS));
      if (key == 'q' || key == 'Q' || key == 3 || key == NonBlockingReader.EOF) {
        quit = true;
      }
    }
    return quit;
  }

  @Override
  public void close() {
    terminal.puts(Capability.cursor_visible);
    terminal.puts(Capability.exit_ca_mode);
    terminal.flush();
    terminal.handle(Signal.INT, interruptBefore);
    terminal.setAttributes(before);
  }
}
