package org.ferrisdb.node.cli.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.ferrisdb.node.cli.demo.DemoState.Condition;
import org.ferrisdb.node.cli.demo.DemoState.Event;
import org.ferrisdb.node.cli.demo.DemoState.Node;
import org.ferrisdb.node.cli.demo.DemoState.Second;
import org.ferrisdb.node.cli.demo.DemoState.Shard;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;

/**
 * From a state to the lines of a screen. Pure. Made for 80 columns and 24 rows; more room goes to
 * the chart and the events, and where there is less, the keys and the top stay.
 *
 * <p>Colour only repeats what words and shapes say.
 */
final class DemoScreen {
  private static final AttributedStyle PLAIN = AttributedStyle.DEFAULT;
  private static final AttributedStyle TITLE = PLAIN.bold();

  /** Grey on dark and on light; the bright black of some palettes is their background. */
  private static final AttributedStyle DIM = PLAIN.foreground(244);

  private static final AttributedStyle GOOD = PLAIN.foreground(AttributedStyle.GREEN);
  private static final AttributedStyle BAD = PLAIN.bold().foreground(AttributedStyle.RED);
  private static final AttributedStyle WARN = PLAIN.foreground(AttributedStyle.YELLOW);

  /** Of nodes in their order; then from the beginning. */
  private static final int[] NODE_COLOURS = {
    AttributedStyle.CYAN, AttributedStyle.MAGENTA, AttributedStyle.BLUE,
  };

  private static final int MINUTE = 60;

  /** Right of the chart: its scale. */
  private static final int SCALE_WIDTH = 12;

  /** Up to where the strips of the nodes begin; and the same with few columns. */
  private static final int STATE_WIDTH = 40;

  private static final int NARROW_STATE_WIDTH = 27;

  /** With fewer columns than this everything is said more shortly. */
  private static final int WIDE_COLUMNS = 78;

  /** With fewer rows than this nothing is left blank. */
  private static final int ROOMY_ROWS = 22;

  private static final int MIN_CHART_ROWS = 3;
  private static final int MAX_CHART_ROWS = 8;

  private final boolean unicode;
  private final boolean colours;

  /**
   * Makes one.
   *
   * @param unicode whether the terminal shows block characters
   * @param colours whether it should show colours
   */
  DemoScreen(boolean unicode, boolean colours) {
    this.unicode = unicode;
    this.colours = colours;
  }

  /** Exactly {@code height} lines, none longer than {@code width}. */
  List<AttributedString> lines(DemoState state, int width, int height) {
    boolean roomy = height >= ROOMY_ROWS;
    int nodeRows = state.nodes().size() + 2;
    int spare = (height - nodeRows - ROOMY_ROWS) / 3;
    int chartRows =
        roomy ? Math.clamp(spare + MIN_CHART_ROWS + 1, MIN_CHART_ROWS, MAX_CHART_ROWS) : 1;
    List<AttributedString> body = new ArrayList<>();
    body.add(header(state, width));
    body.add(sentence(state));
    blankIf(roomy, body);
    body.add(throughput(state));
    body.addAll(chart(state, width, chartRows));
    body.add(latency(state, width));
    blankIf(roomy, body);
    body.addAll(nodes(state, width));
    blankIf(roomy, body);
    int room = height - 1 - body.size() - (roomy ? 1 : 0);
    body.addAll(events(state.events(), width, Math.max(0, room)));
    while (body.size() < height - 1) {
      body.add(AttributedString.EMPTY);
    }
    List<AttributedString> lines = new ArrayList<>(body.subList(0, Math.max(0, height - 1)));
    if (height > 0) {
      lines.add(keys(state, width));
    }
    return lines.stream().map(l -> finish(l, width)).toList();
  }

  private AttributedString finish(AttributedString line, int width) {
    AttributedString fits = line.columnLength() <= width ? line : line.columnSubSequence(0, width);
    return colours ? fits : new AttributedString(fits.toString());
  }

  private static void blankIf(boolean roomy, List<AttributedString> lines) {
    if (roomy) {
      lines.add(AttributedString.EMPTY);
    }
  }

  private static AttributedString header(DemoState state, int width) {
    long shards = state.shards().stream().filter(s -> !s.name().equals(DemoState.META)).count();
    String left = " FerrisDB demo";
    String middle =
        "   "
            + count(state.nodes().size(), "node")
            + (shards == 0 ? "" : ", " + count(shards, "shard"))
            + (width < WIDE_COLUMNS
                ? ""
                : ", " + count(state.clients(), "client") + " checking every write");
    String right = clock(state.elapsed()) + " ";
    int gap = width - left.length() - middle.length() - right.length();
    return new AttributedStringBuilder()
        .styled(TITLE.foreground(AttributedStyle.GREEN), left)
        .append(middle)
        .append(" ".repeat(Math.max(1, gap)))
        .styled(TITLE, right)
        .toAttributedString();
  }

  /** How things are, in one sentence, the most important thing first. */
  private static AttributedString sentence(DemoState state) {
    return switch (state.phase()) {
      case STARTING -> text(WARN, " The nodes start; the first election follows.");
      case HEALING -> text(WARN, " Ending: nodes and network are mended, every client must write.");
      case CHECKING -> text(WARN, " Ending: every key is read back and compared.");
      case RUNNING -> running(state);
    };
  }

  private static AttributedString running(DemoState state) {
    List<Node> gone = state.nodes().stream().filter(n -> !n.counts()).toList();
    int nodes = state.nodes().size();
    if (nodes - gone.size() <= nodes / 2) {
      return text(
          BAD,
          " No majority: "
              + gone.size()
              + " of "
              + nodes
              + " nodes are gone, reads and writes wait. h heals.");
    }
    List<String> leaderless =
        state.shards().stream().filter(s -> s.leader().isEmpty()).map(Shard::name).toList();
    if (!leaderless.isEmpty()) {
      return text(
          BAD,
          " "
              + String.join(", ", leaderless)
              + (leaderless.size() == 1 ? " has" : " have")
              + " no leader: an election is on, their calls wait.");
    }
    if (!gone.isEmpty()) {
      return text(
          WARN,
          " Without "
              + gone.stream().map(Node::name).collect(Collectors.joining(", "))
              + " the others serve every shard.");
    }
    return text(GOOD, " All nodes are up, every shard has a leader.");
  }

  private static AttributedString throughput(DemoState state) {
    long now = state.lastMinute().isEmpty() ? 0 : state.lastMinute().getLast().writes();
    return new AttributedStringBuilder()
        .styled(TITLE, " WRITES/S  ")
        .append(String.format(Locale.ROOT, "%,-12d", now))
        .styled(TITLE, "ACKNOWLEDGED  ")
        .append(String.format(Locale.ROOT, "%,d", state.acknowledged()))
        .toAttributedString();
  }

  private List<AttributedString> chart(DemoState state, int width, int rows) {
    int columns = Math.clamp(width - 1 - SCALE_WIDTH, 1, MINUTE);
    List<Long> writes = state.lastMinute().stream().map(Second::writes).toList();
    long most = writes.stream().mapToLong(w -> w).max().orElse(0);
    List<String> blocks = Chart.draw(writes, Math.max(1, most), rows, columns, unicode);
    List<AttributedString> lines = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      AttributedStringBuilder line =
          new AttributedStringBuilder().append(" ").styled(GOOD, blocks.get(i));
      if (i == 0) {
        line.styled(DIM, String.format(Locale.ROOT, " %,d/s", most));
      }
      lines.add(line.toAttributedString());
    }
    lines.add(axis(state.lastMinute(), columns));
    return lines;
  }

  /** Time runs to the right; the keys that were pressed stand where they were. */
  private AttributedString axis(List<Second> seconds, int columns) {
    AttributedStringBuilder axis = new AttributedStringBuilder().append(" ");
    List<Second> shown = seconds.subList(Math.max(0, seconds.size() - columns), seconds.size());
    String line = unicode ? "┄" : "-"; // a solid line is drawn by a change of character sets
    axis.styled(DIM, line.repeat(columns - shown.size()));
    for (Second s : shown) {
      if (s.mark() == ' ') {
        axis.styled(DIM, line);
      } else {
        axis.styled(s.mark() == 'h' ? GOOD.bold() : BAD, String.valueOf(s.mark()));
      }
    }
    return axis.styled(DIM, " last " + columns + " s").toAttributedString();
  }

  private static AttributedString latency(DemoState state, int width) {
    var latency = state.latency();
    boolean none = latency.count() == 0;
    boolean wide = width >= WIDE_COLUMNS;
    return new AttributedStringBuilder()
        .styled(TITLE, wide ? " LATENCY   " : " ")
        .append("p50 " + (none ? "-" : millis(latency.p50Nanos())))
        .append("   p99 " + (none ? "-" : millis(latency.p99Nanos())))
        .append(wide ? "     " : "   ")
        .styled(TITLE, wide ? "LONGEST GAP  " : "GAP  ")
        .append(state.longestGap().toMillis() + " ms")
        .styled(DIM, wide ? " of one client" : "")
        .toAttributedString();
  }

  private static String millis(long nanos) {
    double millis = nanos / 1e6;
    return String.format(Locale.ROOT, millis < 100 ? "%.2f ms" : "%.0f ms", millis);
  }

  /** A row for each node, with a strip of the shards: which of them it leads. */
  private List<AttributedString> nodes(DemoState state, int width) {
    boolean wide = width >= WIDE_COLUMNS;
    int begin = wide ? STATE_WIDTH : NARROW_STATE_WIDTH;
    ShardStrip strip = ShardStrip.of(state.shards(), width - begin, unicode);
    List<AttributedString> lines = new ArrayList<>();
    lines.add(
        new AttributedStringBuilder()
            .styled(TITLE, padded(" NODE  STATE", begin))
            .styled(TITLE, strip.header())
            .toAttributedString());
    for (int i = 0; i < state.nodes().size(); i++) {
      Node node = state.nodes().get(i);
      AttributedStyle own = PLAIN.foreground(NODE_COLOURS[i % NODE_COLOURS.length]);
      AttributedStringBuilder line =
          new AttributedStringBuilder()
              .append(" ")
              .styled(own.bold(), padded(node.name(), 6))
              .styled(style(node.condition()), padded(words(node, wide), begin - 7));
      strip.row(node.name(), own, DIM, line);
      lines.add(line.toAttributedString());
    }
    lines.add(leaderless(state, strip, begin));
    return lines;
  }

  /** Blank, not missing, while all have a leader: nothing below should jump. */
  private static AttributedString leaderless(DemoState state, ShardStrip strip, int begin) {
    if (state.shards().stream().noneMatch(s -> s.leader().isEmpty())) {
      return AttributedString.EMPTY;
    }
    AttributedStringBuilder line =
        new AttributedStringBuilder().styled(BAD, padded("       no leader", begin));
    strip.row("", BAD, DIM, line);
    return line.toAttributedString();
  }

  private static AttributedStyle style(Condition condition) {
    return switch (condition) {
      case UP -> GOOD;
      case STARTING, PAUSED, CUT_OFF -> WARN;
      case KILLED -> BAD;
    };
  }

  private static String words(Node node, boolean wide) {
    long seconds = node.since().toSeconds();
    return switch (node.condition()) {
      case UP -> "up";
      case STARTING -> "starting";
      case KILLED ->
          "killed, "
              + (wide ? "starts again in " : "back in ")
              + (node.back().toMillis() + 999) / 1000
              + " s";
      case PAUSED -> "paused for " + seconds + " s";
      case CUT_OFF -> "cut off " + (wide ? "from its peers for " : "for ") + seconds + " s";
    };
  }

  /** The newest that fit, newest last. */
  private static List<AttributedString> events(List<Event> events, int width, int rows) {
    List<AttributedString> lines = new ArrayList<>();
    boolean titled = rows > 2;
    int room = titled ? rows - 1 : rows;
    for (Event event : events.reversed()) {
      List<AttributedString> more = event(event, width);
      if (lines.size() + more.size() > room) {
        break;
      }
      lines.addAll(0, more);
    }
    if (lines.isEmpty() && !events.isEmpty()) {
      List<AttributedString> newest = event(events.getLast(), width);
      lines.addAll(newest.subList(0, Math.min(room, newest.size())));
    }
    if (titled) {
      lines.addFirst(text(TITLE, " EVENTS"));
    }
    return lines;
  }

  private static List<AttributedString> event(Event event, int width) {
    String at = String.format(Locale.ROOT, " %5s  ", clock(event.at()));
    AttributedStyle style =
        switch (event.tone()) {
          case PLAIN -> PLAIN;
          case BAD -> BAD;
          case GOOD -> GOOD;
        };
    List<AttributedString> lines = new ArrayList<>();
    for (String words : wrapped(event.text(), Math.max(10, width - at.length() - 1))) {
      lines.add(
          new AttributedStringBuilder()
              .styled(DIM, lines.isEmpty() ? at : " ".repeat(at.length()))
              .styled(style, words)
              .toAttributedString());
    }
    return lines;
  }

  /** Lines of whole words; a word that is longer than a line has one of its own. */
  private static List<String> wrapped(String text, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }

  private static AttributedString keys(DemoState state, int width) {
    AttributedStringBuilder line = new AttributedStringBuilder();
    boolean wide = width >= WIDE_COLUMNS;
    switch (state.phase()) {
      case RUNNING -> {
        key(line, "k", wide ? "kill the leader" : "kill");
        key(line, "p", wide ? "pause it" : "pause");
        key(line, "c", wide ? "cut it off" : "cut");
        key(line, "h", wide ? "heal all" : "heal");
        key(line, "q", "quit");
      }
      case STARTING -> key(line, "q", "quit");
      case HEALING, CHECKING -> key(line, "q", "leave at once, without a verdict");
    }
    return line.toAttributedString();
  }

  private static void key(AttributedStringBuilder line, String key, String what) {
    line.append(line.length() == 0 ? " " : "  ").styled(TITLE.inverse(), " " + key + " ");
    line.append(" " + what);
  }

  private static AttributedString text(AttributedStyle style, String text) {
    return new AttributedString(text, style);
  }

  private static String count(long n, String what) {
    return n + " " + what + (n == 1 ? "" : "s");
  }

  /** 0:07, 12:34. */
  private static String clock(Duration time) {
    return String.format(Locale.ROOT, "%d:%02d", time.toMinutes(), time.toSecondsPart());
  }

  private static String padded(String text, int width) {
    return text.length() >= width ? text : text + " ".repeat(width - text.length());
  }
}
