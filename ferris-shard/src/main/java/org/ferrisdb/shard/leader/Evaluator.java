package org.ferrisdb.shard.leader;

import java.util.Arrays;
import java.util.List;
import org.ferrisdb.shard.ShardRequests.Condition;
import org.ferrisdb.shard.ShardRequests.Value;
import org.ferrisdb.shard.ShardRequests.WriteOutcome;
import org.jspecify.annotations.Nullable;

/** Decides conditions: a pure function of the values it is shown. */
final class Evaluator {
  /** Where the newest values come from: what is in flight, then the state. */
  @FunctionalInterface
  interface View {
    /** The key's newest value, null if it has none. */
    @Nullable Value newest(byte[] key);
  }

  private Evaluator() {}

  /** The outcome of a write at a commit timestamp. */
  static WriteOutcome evaluate(List<Condition> conditions, long timestamp, View view) {
    for (int i = 0; i < conditions.size(); i++) {
      Condition condition = conditions.get(i);
      Value actual = view.newest(condition.key());
      if (!holds(condition, actual)) {
        return new WriteOutcome.ConditionFailed(
            i, actual != null, actual == null ? 0 : actual.version());
      }
    }
    return new WriteOutcome.Committed(timestamp);
  }

  private static boolean holds(Condition condition, @Nullable Value actual) {
    return switch (condition) {
      case Condition.HasValue c -> actual != null && Arrays.equals(actual.value(), c.value());
      case Condition.HasVersion c -> actual != null && actual.version() == c.version();
      case Condition.IsAbsent _ -> actual == null;
    };
  }
}
