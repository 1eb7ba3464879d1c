package org.ferrisdb.shard;

/// Where the time of one request goes, from the front door to its answer.
///
/// ```
///   write  FRONT_DOOR > MAILBOX [> LEASE] > TIMESTAMP > EVALUATION > REPLICATION > ANSWER
///   get    FRONT_DOOR > MAILBOX [> LEASE] > TIMESTAMP [> WRITES_BEFORE] > READING > ANSWER
///   scan   FRONT_DOOR > MAILBOX [> LEASE] > TIMESTAMP [> WRITES_BEFORE] > READER > READING > ANSWER
/// ```
///
/// A request is in one stage at a time and may go through some of them again: what is evaluated
/// anew returns to the mailbox. Each change costs an addition, and one look at the clock for all
/// that change together. It is a class to extend, so that whoever keeps an object for each request
/// anyway needs no other for this.
///
/// Not synchronized. A request is handed from thread to thread, by queues and futures, and so is
/// this. Who looks at it while the request is under way (its deadline has passed) may see the state
/// of a moment ago.
public class RequestStages {
  /** What a request waits for, or what is done for it. */
  public enum Stage {
    /** Decoded, checked, routed. */
    FRONT_DOOR("front door"),
    /** Waits until the shard's loop takes it: the loop is busy, or as many entries as may. */
    MAILBOX("mailbox"),
    /** Waits in the mailbox because the leader has no live lease. */
    LEASE("lease"),
    /** Waits for its timestamp from the oracle. */
    TIMESTAMP("timestamp"),
    /** The loop evaluates its batch. */
    EVALUATION("evaluation"),
    /** Its entry is on the way: proposed, on the disks of a majority, applied here. */
    REPLICATION("replication"),
    /** A read waits for writes before it to apply. */
    WRITES_BEFORE("writes before"),
    /** A scan waits for a thread that reads. */
    READER("reader thread"),
    /** Memtables and tables are read. */
    READING("reading"),
    /** The outcome is there and waits for the connection's event loop. */
    ANSWER("answer");

    private final String words;

    Stage(String words) {
      this.words = words;
    }

    /** For people. */
    public String words() {
      return words;
    }
  }

  private Stage current = Stage.FRONT_DOOR;
  private long since;
  private long frontDoor;
  private long mailbox;
  private long lease;
  private long timestamp;
  private long evaluation;
  private long replication;
  private long writesBefore;
  private long reader;
  private long reading;
  private long answer;

  /** A request that came in at this time of the monotonic clock. */
  public RequestStages(long nowNanos) {
    since = nowNanos;
  }

  /** The request passes to another stage. */
  public final void enter(Stage next, long nowNanos) {
    add(current, nowNanos - since);
    current = next;
    since = nowNanos;
  }

  /**
   * The same, where part of the time in the stage that ends was spent otherwise: between two
   * moments that may lie before it began.
   */
  public final void enter(Stage next, long nowNanos, Stage partly, long fromNanos, long toNanos) {
    long from = fromNanos - since > 0 ? fromNanos : since;
    long part = toNanos - from;
    if (part > 0) {
      add(partly, part);
      add(current, -part);
    }
    enter(next, nowNanos);
  }

  /** Where it is, or was at its end. */
  public final Stage current() {
    return current;
  }

  /** How long it has been in a stage, if now is this time of the clock. */
  public final long nanos(Stage stage, long nowNanos) {
    return spent(stage) + (stage == current ? nowNanos - since : 0);
  }

  private void add(Stage stage, long nanos) {
    switch (stage) {
      case FRONT_DOOR -> frontDoor += nanos;
      case MAILBOX -> mailbox += nanos;
      case LEASE -> lease += nanos;
      case TIMESTAMP -> timestamp += nanos;
      case EVALUATION -> evaluation += nanos;
      case REPLICATION -> replication += nanos;
      case WRITES_BEFORE -> writesBefore += nanos;
      case READER -> reader += nanos;
      case READING -> reading += nanos;
      case ANSWER -> answer += nanos;
    }
  }

  private long spent(Stage stage) {
    return switch (stage) {
      case FRONT_DOOR -> frontDoor;
      case MAILBOX -> mailbox;
      case LEASE -> lease;
      case TIMESTAMP -> timestamp;
      case EVALUATION -> evaluation;
      case REPLICATION -> replication;
      case WRITES_BEFORE -> writesBefore;
      case READER -> reader;
      case READING -> reading;
      case ANSWER -> answer;
    };
  }
}
