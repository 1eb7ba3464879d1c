package org.ferrisdb.integration.registers;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.ferrisdb.integration.registers.History.End;
import org.ferrisdb.integration.registers.History.Operation;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether each register's history is linearizable. Registers are independent, so each key
 * is searched alone. An operation of unknown end may be placed anywhere after its start, or
 * nowhere.
 */
public final class RegisterChecker {
  /** More configurations than this and the verdict is an error, never a silent pass. */
  private static final int MAX_CONFIGURATIONS = 4_000_000;

  private RegisterChecker() {}

  /** One line for every key whose history can not be explained; empty if all can. */
  public static List<String> violations(History history) {
    List<String> violations = new ArrayList<>();
    for (Map.Entry<String, List<Operation>> key : history.byKey().entrySet()) {
      if (!linearizable(key.getValue())) {
        violations.add(key.getKey() + " has no linear order: " + describe(key.getValue()));
      }
    }
    return violations;
  }

  private record Configuration(BitSet placed, @Nullable String value) {}

  private record Step(BitSet placed, @Nullable String value) {}

  /**
   * Depth first over (set of placed operations, register value), each configuration visited once.
   */
  static boolean linearizable(List<Operation> operations) {
    int n = operations.size();
    Set<Configuration> seen = new HashSet<>();
    List<Step> stack = new ArrayList<>();
    stack.add(new Step(new BitSet(n), null));
    while (!stack.isEmpty()) {
      Step step = stack.removeLast();
      if (!seen.add(new Configuration(step.placed(), step.value()))) {
        continue;
      }
      if (seen.size() > MAX_CONFIGURATIONS) {
        throw new IllegalStateException(
            "history of " + n + " operations is too concurrent to check; record fewer per key");
      }
      long firstEnd = firstEnd(operations, step.placed());
      if (firstEnd == Long.MAX_VALUE) {
        return true; // all that is left is unknown, and may have happened nowhere
      }
      for (int i = step.placed().nextClearBit(0);
          i < n && operations.get(i).started() < firstEnd;
          i = step.placed().nextClearBit(i + 1)) {
        Operation operation = operations.get(i);
        if (possible(operation, step.value())) {
          BitSet placed = (BitSet) step.placed().clone();
          placed.set(i);
          stack.add(new Step(placed, after(operation, step.value())));
        }
      }
    }
    return false;
  }

  private static long firstEnd(List<Operation> operations, BitSet placed) {
    long first = Long.MAX_VALUE;
    for (int i = placed.nextClearBit(0); i < operations.size(); i = placed.nextClearBit(i + 1)) {
      first = Math.min(first, operations.get(i).ended());
    }
    return first;
  }

  private static boolean possible(Operation operation, @Nullable String value) {
    return switch (operation.kind()) {
      case READ -> Objects.equals(operation.result(), value);
      case WRITE -> true;
      case CAS -> Objects.equals(operation.expected(), value);
    };
  }

  private static @Nullable String after(Operation operation, @Nullable String value) {
    return switch (operation.kind()) {
      case READ -> value;
      case WRITE, CAS -> operation.argument();
    };
  }

  private static String describe(List<Operation> operations) {
    StringBuilder text = new StringBuilder();
    for (Operation o : operations.subList(0, Math.min(operations.size(), 400))) {
      text.append("\n  [")
          .append(o.started())
          .append(',')
          .append(o.end() == End.UNKNOWN ? "?" : Long.toString(o.ended()))
          .append("] ")
          .append(o.kind())
          .append(' ')
          .append(
              switch (o.kind()) {
                case READ -> String.valueOf(o.result());
                case WRITE -> String.valueOf(o.argument());
                case CAS -> o.expected() + " -> " + o.argument();
              });
    }
    return text.toString();
  }
}
