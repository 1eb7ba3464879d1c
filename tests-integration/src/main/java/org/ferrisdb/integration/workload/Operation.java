package org.ferrisdb.integration.workload;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something that a client is to do, decided before anything is known of how it will go.
 *
 * @param f what, in the words of the history: {@code read}, {@code write}, {@code cas}, ...
 * @param key of what; null where there is only one
 * @param value the argument, in the shape of the history; null if there is none
 * @param choice a further decision that is the workload's own business; 0 where there is none
 */
public record Operation(String f, @Nullable String key, @Nullable Object value, int choice) {
  /** Without a further decision. */
  public static Operation of(String f, @Nullable String key, @Nullable Object value) {
    return new Operation(f, key, value, 0);
  }

  /** A list as histories have them: it may hold null, which {@link List#of} refuses. */
  static List<@Nullable Object> listOf(@Nullable Object... elements) {
    List<@Nullable Object> list = new ArrayList<>();
    for (@Nullable Object element : elements) {
      list.add(element);
    }
    return Collections.unmodifiableList(list);
  }
}
