package org.ferrisdb.integration.check;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A transaction over lists, as it stands in a history: `[["append","k",7],["r","k",[3,7]]]`.
///
/// @param operation the call
/// @param steps in their order; a read whose answer is not known has a null list
record Transaction(Operation operation, List<Step> steps) {
  /// One append or read.
  ///
  /// @param key of the list
  /// @param append the element; null for a read
  /// @param read what was read; null for an append, and if it is not known
  record Step(String key, @Nullable Object append, @Nullable List<?> read) {}

  /// @throws IllegalArgumentException if the value has another shape
  static Transaction of(Operation operation) {
    Object value = operation.ok() ? operation.result() : operation.argument();
    if (!(value instanceof List<?> list)) {
      throw wrong(operation, value);
    }
    List<Step> steps = new ArrayList<>(list.size());
    for (Object element : list) {
      if (!(element instanceof List<?> step) || step.size() != 3) {
        throw wrong(operation, element);
      }
      String key = String.valueOf(step.get(1));
      Object last = step.get(2);
      if ("append".equals(step.get(0)) && last != null) {
        steps.add(new Step(key, last, null));
      } else if ("r".equals(step.get(0)) && (last == null || last instanceof List<?>)) {
        List<?> read = last instanceof List<?> l ? l : null;
        steps.add(new Step(key, null, operation.ok() && read == null ? List.of() : read));
      } else {
        throw wrong(operation, element);
      }
    }
    return new Transaction(operation, steps);
  }

  private static IllegalArgumentException wrong(Operation operation, @Nullable Object value) {
    return new IllegalArgumentException(
        "event "
            + operation.start()
            + ": a txn is a list of [\"append\", key, element] and [\"r\", key, list], not "
            + value);
  }

  String where() {
    return "the transaction of " + operation.where();
  }
}
