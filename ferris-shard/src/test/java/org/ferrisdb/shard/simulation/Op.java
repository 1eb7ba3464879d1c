package org.ferrisdb.shard.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ferrisdb.shard.ShardRequests.WriteOutcome;
import org.jspecify.annotations.Nullable;

/**
 * One call of a client, and everything it heard about it.
 *
 * <p>Values are unique, so a value names the call that wrote it. Fields are filled in as it goes
 * on.
 */
final class Op {
  enum Kind {
    WRITE,
    GET,
    SCAN
  }

  enum Status {
    /** Not answered yet. */
    OPEN,
    /** Answered. */
    OK,
    /** Certainly without effect. */
    FAIL,
    /** It may have taken effect, or may yet. */
    INFO
  }

  /** A key that must hold a value; null: none. */
  record Condition(String key, @Nullable String expected) {}

  /** A value and the timestamp of its version. */
  record Seen(String value, long version) {}

  /** One answer to a read: it may be answered more than once. */
  record ReadAnswer(long timestamp, Map<String, Seen> values) {}

  final int number;
  final int process;
  final Kind kind;
  final long invoked;
  long completed = Long.MAX_VALUE;
  Status status = Status.OPEN;

  // Of a write. A command is what has a sequence; a call may need several, one after the other.
  @Nullable Condition condition;
  final Map<String, @Nullable String> mutations = new java.util.TreeMap<>();
  long client;
  final List<Long> sequences = new ArrayList<>();
  @Nullable WriteOutcome outcome;
  final List<WriteOutcome> allOutcomes = new ArrayList<>();

  // Of a read.
  final List<String> keys = new ArrayList<>();
  boolean reverse;
  long at;
  @Nullable ReadAnswer answer;
  final List<ReadAnswer> allAnswers = new ArrayList<>();

  Op(int number, int process, Kind kind, long invoked) {
    this.number = number;
    this.process = process;
    this.kind = kind;
    this.invoked = invoked;
  }

  boolean committed() {
    return outcome instanceof WriteOutcome.Committed;
  }

  /** The timestamp of what it was told, 0 if it was told nothing. */
  long timestamp() {
    return outcome instanceof WriteOutcome.Committed c
        ? c.version()
        : answer != null ? answer.timestamp() : 0;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("call " + number + " of process " + process + ": ");
    switch (kind) {
      case WRITE -> {
        text.append(
            condition == null ? "" : "if " + condition.key + "=" + condition.expected + " ");
        text.append(mutations).append(" (client ").append(client).append(" #").append(sequences);
        text.append(") -> ").append(outcome == null ? status : outcome);
      }
      case GET, SCAN -> {
        text.append(kind == Kind.GET ? "get " + keys : reverse ? "reverse scan" : "scan");
        text.append(at == 0 ? "" : " at " + at).append(" -> ");
        text.append(answer == null ? status : answer);
      }
    }
    text.append(String.format(" [%.3f, ", invoked / 1e6));
    return text.append(completed == Long.MAX_VALUE ? "..." : String.format("%.3f", completed / 1e6))
        .append("] ms")
        .toString();
  }
}
