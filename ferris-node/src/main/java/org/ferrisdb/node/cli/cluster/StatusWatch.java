package org.ferrisdb.node.cli.cluster;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.ferrisdb.node.cli.LiveScreen;
import org.ferrisdb.node.health.ClusterPicture;
import org.ferrisdb.node.health.Health;
import org.ferrisdb.node.health.Health.State;
import org.jline.terminal.Terminal;

/** Looks at a cluster once or again and again, and shows what it saw. For one thread. */
final class StatusWatch {
  private final Supplier<ClusterPicture> look;
  private final boolean colours;

  /**
   * Makes one.
   *
   * @param look asks the nodes; takes as long as the slowest of them
   * @param colours whether the screen may be coloured
   */
  StatusWatch(Supplier<ClusterPicture> look, boolean colours) {
    this.look = look;
    this.colours = colours;
  }

  /** Looks and shows; returns what state it saw. */
  State once(BiConsumer<ClusterPicture, Health> show) {
    ClusterPicture picture = look.get();
    Health health = Health.of(picture);
    show.accept(picture, health);
    return health.state();
  }

  /**
   * Looks and shows until nobody reads.
   *
   * @param ended whether the reader has gone
   * @throws InterruptedException if the thread is interrupted meanwhile
   */
  State repeat(BiConsumer<ClusterPicture, Health> show, Duration interval, BooleanSupplier ended)
      throws InterruptedException {
    State state = once(show);
    while (!ended.getAsBoolean()) {
      Thread.sleep(interval);
      state = once(show);
    }
    return state;
  }

  /**
   * Redraws the screen until q or Ctrl-C, and leaves the last picture standing.
   *
   * @throws IOException if the terminal fails
   * @throws InterruptedException if the thread is interrupted meanwhile
   */
  State onScreen(Terminal terminal, Duration interval) throws IOException, InterruptedException {
    ClusterPicture picture = look.get();
    try (LiveScreen screen = LiveScreen.open(terminal)) {
      do {
        List<String> lines = new ArrayList<>(lines(picture, terminal));
        screen.draw(lines, "every " + words(interval) + "; q ends");
        if (screen.awaitQuit(interval)) {
          break;
        }
        picture = look.get();
      } while (!screen.quit());
    }
    lines(picture, terminal).forEach(terminal.writer()::println);
    terminal.flush();
    return Health.of(picture).state();
  }

  private List<String> lines(ClusterPicture picture, Terminal terminal) {
    int width = terminal.getColumns() > 0 ? terminal.getColumns() : 80;
    return HealthPrinter.lines(picture, Health.of(picture), colours, width);
  }

  private static String words(Duration interval) {
    long millis = interval.toMillis();
    return millis % 1_000 == 0 ? millis / 1_000 + " s" : millis + " ms";
  }
}
