package org.ferrisdb.integration.history;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The few kinds of values that a history holds, so that every export can write them and every
/// checker can compare them.
final class Values {
  private Values() {}

  /// The same value, unmodifiable, with whole numbers as Long.
  ///
  /// @throws IllegalArgumentException if there is something in it that a history can not hold
  static @Nullable Object normal(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case Long l -> l;
      case String s -> s;
      case Boolean b -> b;
      case Integer i -> (long) i;
      case Double d when Double.isFinite(d) -> d; // such as a latency; nothing that is compared
      case List<?> list -> {
        List<@Nullable Object> copy = new ArrayList<>(list.size());
        for (Object element : list) {
          copy.add(normal(element));
        }
        yield Collections.unmodifiableList(copy);
      }
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> copy = LinkedHashMap.newLinkedHashMap(map.size());
        map.forEach((k, v) -> copy.put(String.valueOf(k), normal(v)));
        yield Collections.unmodifiableMap(copy);
      }
      default ->
          throw new IllegalArgumentException(
              "a history can not hold a "
                  + value.getClass().getName()
                  + " ("
                  + value
                  + "): use Long, String, Boolean, lists and maps of those");
    };
  }

  static Map<String, Object> normalMap(Map<String, Object> map) {
    if (map.isEmpty()) {
      return Map.of();
    }
    Map<String, Object> copy = new LinkedHashMap<>();
    map.forEach((k, v) -> {
      Object normal = normal(v);
      if (normal != null) {
        copy.put(k, normal);
      }
    });
    return Collections.unmodifiableMap(copy);
  }

  /// The number that a text is, if it is one that a long holds.
  static @Nullable Long decimal(String text) {
    return text.matches("-?(0|[1-9][0-9]{0,17})") ? (Long) Long.parseLong(text) : null;
  }
}
