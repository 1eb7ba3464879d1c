package org.ferrisdb.integration.check;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ferrisdb.integration.history.Event;
import org.jspecify.annotations.Nullable;

/// A call, from its invoke to its end.
///
/// @param invoke the event that began it; its index is the operation's name in explanations
/// @param completion the event that ended it; null if the history ends before
record Operation(Event invoke, @Nullable Event completion) {
  /// How it ended; a call still open may take effect as one of unknown end may.
  enum End {
    OK,
    FAIL,
    UNKNOWN
  }

  /// The client calls among the events, in the order of their invokes.
  ///
  /// @throws IllegalArgumentException if a process begins a call within another, or ends none
  static List<Operation> of(List<Event> events) {
    Map<String, Integer> open = new HashMap<>();
    List<Operation> operations = new ArrayList<>();
    for (Event event : events) {
      if (!event.isClient()) {
        continue;
      }
      if (event.type() == Event.Type.INVOKE) {
        Integer before = open.put(event.process(), operations.size());
        if (before != null) {
          throw new IllegalArgumentException(
              "event " + event.index() + ": process " + event.process() + " has an open call");
        }
        operations.add(new Operation(event, null));
      } else {
        Integer begun = open.remove(event.process());
        if (begun == null) {
          throw new IllegalArgumentException(
              "event "
                  + event.index()
                  + " ends a call of process "
                  + event.process()
                  + " that never began");
        }
        operations.set(begun, new Operation(operations.get(begun).invoke, event));
      }
    }
    return operations;
  }

  /// Those whose `f` is one of these.
  static List<Operation> of(List<Event> events, String... functions) {
    List<String> wanted = List.of(functions);
    return of(events).stream().filter(o -> wanted.contains(o.f())).toList();
  }

  String f() {
    return invoke.f();
  }

  /// The key, or "" where there is none.
  String key() {
    String key = invoke.key();
    return key == null ? "" : key;
  }

  /// What was asked.
  @Nullable Object argument() {
    return invoke.value();
  }

  /// What was answered, if it ended OK.
  @Nullable Object result() {
    return completion == null ? null : completion.value();
  }

  End end() {
    if (completion == null) {
      return End.UNKNOWN;
    }
    return switch (completion.type()) {
      case OK -> End.OK;
      case FAIL -> End.FAIL;
      default -> End.UNKNOWN;
    };
  }

  boolean ok() {
    return end() == End.OK;
  }

  /// Whether it may have taken effect.
  boolean possible() {
    return end() != End.FAIL;
  }

  /// Index of the first event.
  long start() {
    return invoke.index();
  }

  /// Index of the event after which it can not take effect any more; Long.MAX_VALUE if unknown.
  long finish() {
    return completion != null && end() != End.UNKNOWN ? completion.index() : Long.MAX_VALUE;
  }

  /// Whether it was over before the other began.
  boolean before(Operation other) {
    return finish() < other.start();
  }

  /// Where it is in the history: `process 3, events 17 to 21`.
  String where() {
    return "process "
        + invoke.process()
        + ", "
        + (completion == null
            ? "event " + start() + ", never ended"
            : "events "
                + start()
                + " to "
                + completion.index()
                + (end() == End.UNKNOWN ? ", outcome unknown" : ""));
  }

  /// The indexes of its events.
  List<Long> events() {
    return completion == null ? List.of(start()) : List.of(start(), completion.index());
  }

  /// All events of these, for a violation.
  static List<Long> events(Operation... operations) {
    return events(List.of(operations));
  }

  /// All events of these, for a violation.
  static List<Long> events(List<Operation> operations) {
    return operations.stream().flatMap(o -> o.events().stream()).distinct().sorted().toList();
  }
}
