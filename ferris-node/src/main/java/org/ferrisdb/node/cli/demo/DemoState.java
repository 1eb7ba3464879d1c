package org.ferrisdb.node.cli.demo;

import java.time.Duration;
import java.util.List;

/**
 * A demo at an instant.
 *
 * @param phase how far it is
 * @param elapsed since the workload began
 * @param clients how many write
 * @param acknowledged writes acknowledged so far
 * @param lastMinute the last 60 seconds or fewer, oldest first
 * @param latency of the last second
 * @param longestGap longest time so far that one client got no answer
 * @param nodes sorted by name
 * @param shards data shards sorted by id, then the meta group
 * @param events what happened, oldest first
 */
public record DemoState(
    Phase phase,
    Duration elapsed,
    int clients,
    long acknowledged,
    List<Second> lastMinute,
    Latency latency,
    Duration longestGap,
    List<Node> nodes,
    List<Shard> shards,
    List<Event> events) {
  /** Name of the group that is no data shard. */
  public static final String META = "meta";

  /** Copies. */
  public DemoState {
    lastMinute = List.copyOf(lastMinute);
    nodes = List.copyOf(nodes);
    shards = List.copyOf(shards);
    events = List.copyOf(events);
  }

  /** How far a demo is. */
  public enum Phase {
    /** The nodes come up. */
    STARTING,
    /** Clients write, and keys break things. */
    RUNNING,
    /** All is healed, and every client must get answers again. */
    HEALING,
    /** Everything is read back. */
    CHECKING
  }

  /**
   * A second of the workload.
   *
   * @param writes acknowledged in it
   * @param mark the key that was pressed in it, or a blank
   */
  public record Second(long writes, char mark) {}

  /**
   * How long writes took.
   *
   * @param count how many were measured; without any the rest means nothing
   * @param p50Nanos half of them took no longer
   * @param p99Nanos 99 in 100 took no longer
   */
  public record Latency(long count, long p50Nanos, long p99Nanos) {
    /** Of nothing. */
    public static final Latency NONE = new Latency(0, 0, 0);
  }

  /** What is the matter with a node. */
  public enum Condition {
    /** Its process was started and does not answer yet. */
    STARTING,
    /** It works. */
    UP,
    /** Its process was killed. */
    KILLED,
    /** Its process is stopped and its sockets are open. */
    PAUSED,
    /** It works, but its peers and it do not hear each other. */
    CUT_OFF
  }

  /**
   * A node.
   *
   * @param name n1, n2, ...
   * @param condition what is the matter with it
   * @param since how long it has been so
   * @param back for a killed node: how long until it is started again
   */
  public record Node(String name, Condition condition, Duration since, Duration back) {
    /** Whether it can take part in a majority. */
    public boolean counts() {
      return condition == Condition.UP;
    }
  }

  /**
   * A shard, or the meta group.
   *
   * @param name s1, s2, ... or {@link #META}
   * @param leader the node that leads it; empty if none is known
   */
  public record Shard(String name, String leader) {}

  /** How an event is meant. */
  public enum Tone {
    /** Worth knowing. */
    PLAIN,
    /** Something is broken, as a rule on purpose. */
    BAD,
    /** Something is whole again. */
    GOOD
  }

  /**
   * Something that happened.
   *
   * @param at since the workload began
   * @param tone how it is meant
   * @param text one sentence in plain words, without a full stop
   */
  public record Event(Duration at, Tone tone, String text) {}
}
