package org.ferrisdb.integration.check;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.ferrisdb.integration.history.Event;
import org.jspecify.annotations.Nullable;

/// Whether each key, judged alone, is linearizable: `read`, `write`, `delete`, `cas`. A key that is
/// also asked to `add` belongs to another workload, and so do reads without a key.
public final class RegisterChecker implements Checker {
  private static final Set<String> FUNCTIONS = Set.of("read", "write", "delete", "cas");

  private final Duration bound;
  private final LongSupplier nanoTime;

  /// @param bound for all keys together; beyond it the verdict is [Verdict.Undecided]
  public RegisterChecker(Duration bound) {
    this(bound, System::nanoTime);
  }

  RegisterChecker(Duration bound, LongSupplier nanoTime) {
    this.bound = bound;
    this.nanoTime = nanoTime;
  }

  @Override
  public String name() {
    return "register";
  }

  @Override
  public Verdict check(List<Event> events) {
    long end = nanoTime.getAsLong() + bound.toNanos();
    return new LinearJudge(
            () -> nanoTime.getAsLong() - end > 0,
            ". Record fewer calls and clients for each key, or allow more than " + bound)
        .judge(accesses(events));
  }

  private static List<Access> accesses(List<Event> events) {
    List<Operation> operations = Operation.of(events);
    Set<String> others = new HashSet<>();
    operations.stream().filter(o -> o.f().equals("add")).forEach(o -> others.add(o.key()));
    List<Access> accesses = new ArrayList<>();
    for (Operation operation : operations) {
      if (FUNCTIONS.contains(operation.f())
          && operation.invoke().key() != null
          && !others.contains(operation.key())) {
        accesses.add(access(operation));
      }
    }
    return accesses;
  }

  private static Access access(Operation operation) {
    String key = operation.key();
    return switch (operation.f()) {
      case "read" -> new Access(operation, register(key, operation.result()), Map.of());
      case "cas" -> {
        if (!(operation.argument() instanceof List<?> pair) || pair.size() != 2) {
          throw new IllegalArgumentException(
              "event " + operation.start() + ": a cas has [old, new], not " + operation.argument());
        }
        yield new Access(operation, register(key, pair.get(0)), register(key, pair.get(1)));
      }
      default -> new Access(operation, Map.of(), register(key, operation.argument()));
    };
  }

  private static Map<String, @Nullable Object> register(String key, @Nullable Object value) {
    return Collections.singletonMap(key, value);
  }
}
