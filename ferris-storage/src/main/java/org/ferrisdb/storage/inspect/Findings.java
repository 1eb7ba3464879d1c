package org.ferrisdb.storage.inspect;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Gathers findings about one file; of a kind that comes in masses the first, and a count. */
final class Findings {
  private static final int OF_A_KIND = 20;

  private final String file;
  private final List<Finding> found = new ArrayList<>();
  private final Map<Finding.Kind, Integer> counts = new EnumMap<>(Finding.Kind.class);

  Findings(String file) {
    this.file = file;
  }

  void add(Finding.Kind kind, long offset, String message) {
    if (counts.merge(kind, 1, Integer::sum) <= OF_A_KIND) {
      found.add(new Finding(kind, file, offset, message));
    }
  }

  List<Finding> all() {
    List<Finding> all = new ArrayList<>(found);
    counts.forEach((kind, count) -> {
      if (count > OF_A_KIND) {
        String more = "and " + (count - OF_A_KIND) + " more like these";
        all.add(new Finding(kind, file, Finding.WHOLE_FILE, more));
      }
    });
    return all;
  }
}
