package org.ferrisdb.node.cli.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.ferrisdb.node.cli.demo.DemoState.Condition;
import org.ferrisdb.node.cli.demo.DemoState.Event;
import org.ferrisdb.node.cli.demo.DemoState.Latency;
import org.ferrisdb.node.cli.demo.DemoState.Node;
import org.ferrisdb.node.cli.demo.DemoState.Phase;
import org.ferrisdb.node.cli.demo.DemoState.Second;
import org.ferrisdb.node.cli.demo.DemoState.Shard;
import org.ferrisdb.node.cli.demo.DemoState.Tone;

/** States for tests: moments of one demo with three nodes and four shards. */
final class DemoStates {
  private DemoStates() {}

  static DemoState starting() {
    return state(
        Phase.STARTING,
        3,
        List.of(),
        List.of(
            node("n1", Condition.STARTING, 3),
            node("n2", Condition.STARTING, 3),
            node("n3", Condition.STARTING, 3)),
        "",
        List.of());
  }

  static DemoState quiet() {
    return state(
        Phase.RUNNING,
        42,
        minute(42, ' ', 0),
        List.of(up("n1"), up("n2"), up("n3")),
        "n1 n2 n3 n1 n2",
        List.of(
            event(0, Tone.PLAIN, "from elsewhere: ./ferris status --url ferris://127.0.0.1:21001"),
            event(6, Tone.PLAIN, "n3 took over s3 from n1")));
  }

  static DemoState justKilled() {
    return state(
        Phase.RUNNING,
        61,
        minute(60, 'k', 0),
        List.of(up("n1"), node("n2", Condition.KILLED, 1), up("n3")),
        "n1 - n3 n1 -",
        List.of(event(60, Tone.BAD, "killed n2 (kill -9), the leader of s2 and meta")));
  }

  static DemoState everythingAtOnce() {
    return state(
        Phase.RUNNING,
        3_671,
        minute(60, 'c', 12),
        List.of(up("n1"), node("n2", Condition.CUT_OFF, 13), node("n3", Condition.PAUSED, 4)),
        "- n2 - - -",
        List.of(
            event(3_655, Tone.GOOD, "healed: n1 goes on"),
            event(3_658, Tone.BAD, "cut n2 off from its peers, the leader of s1, s2 and meta"),
            event(
                3_658,
                Tone.PLAIN,
                "clients still reach n2; it must not answer with old data, and this sentence goes"
                    + " on for longer than a line of eighty columns is"),
            event(3_667, Tone.BAD, "paused n3 (SIGSTOP), the leader of s3")));
  }

  static DemoState checking() {
    return state(
        Phase.CHECKING,
        75,
        minute(60, 'h', 5),
        List.of(up("n1"), up("n2"), up("n3")),
        "n1 n2 n3 n1 n2",
        List.of(event(70, Tone.GOOD, "healed: n2 starts again")));
  }

  static DemoState manyShards(int shards) {
    DemoState s = quiet();
    List<Shard> many = new ArrayList<>();
    for (int i = 1; i <= shards; i++) {
      many.add(new Shard("s" + i, "n" + (i % 3 + 1)));
    }
    many.add(new Shard(DemoState.META, "n1"));
    return new DemoState(
        s.phase(),
        s.elapsed(),
        s.clients(),
        s.acknowledged(),
        s.lastMinute(),
        s.latency(),
        s.longestGap(),
        s.nodes(),
        many,
        s.events());
  }

  static DemoState manyEvents(int count) {
    DemoState s = quiet();
    List<Event> many = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      many.add(event(i, Tone.PLAIN, "event number " + i));
    }
    return new DemoState(
        s.phase(),
        s.elapsed(),
        s.clients(),
        s.acknowledged(),
        s.lastMinute(),
        s.latency(),
        s.longestGap(),
        s.nodes(),
        s.shards(),
        many);
  }

  static DemoState in(Phase phase, Duration elapsed) {
    DemoState s = quiet();
    return new DemoState(
        phase,
        elapsed,
        s.clients(),
        s.acknowledged(),
        s.lastMinute(),
        s.latency(),
        s.longestGap(),
        s.nodes(),
        s.shards(),
        s.events());
  }

  private static DemoState state(
      Phase phase,
      int seconds,
      List<Second> minute,
      List<Node> nodes,
      String leaders,
      List<Event> events) {
    List<Shard> shards = new ArrayList<>();
    String[] names = leaders.isEmpty() ? new String[0] : leaders.split(" ", -1);
    for (int i = 0; i < names.length; i++) {
      String name = i == names.length - 1 ? DemoState.META : "s" + (i + 1);
      shards.add(new Shard(name, names[i].equals("-") ? "" : names[i]));
    }
    boolean none = minute.isEmpty();
    return new DemoState(
        phase,
        Duration.ofSeconds(seconds),
        16,
        minute.stream().mapToLong(Second::writes).sum(),
        minute,
        none ? Latency.NONE : new Latency(4_711, 1_234_000, 112_345_678),
        Duration.ofMillis(none ? 0 : 612),
        nodes,
        shards,
        events);
  }

  /** A slow start, then a sawtooth; in the marked second, counted from the end, nothing. */
  private static List<Second> minute(int seconds, char mark, int markedBefore) {
    List<Second> minute = new ArrayList<>();
    for (int i = 0; i < seconds; i++) {
      boolean marked = mark != ' ' && i == seconds - 1 - markedBefore;
      long writes = Math.min(12_000, 1_500L * i) + 500L * (i % 7);
      minute.add(new Second(marked ? 0 : writes, marked ? mark : ' '));
    }
    return minute;
  }

  private static Node up(String name) {
    return node(name, Condition.UP, 30);
  }

  private static Node node(String name, Condition condition, int seconds) {
    return new Node(
        name, condition, Duration.ofSeconds(seconds), Duration.ofMillis(10_000 - 1_000L * seconds));
  }

  private static Event event(int at, Tone tone, String text) {
    return new Event(Duration.ofSeconds(at), tone, text);
  }
}
