package org.ferrisdb.node.cli.storage;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.ferrisdb.storage.inspect.Fact;
import org.ferrisdb.storage.inspect.Part;

/** Passes on so many parts of those that come in masses, and all in which something is wrong. */
final class Limited {
  /** Of a part's facts: how many of its parts are left out. */
  static final String LEFT_OUT = "partsLeftOut";

  private static final Set<String> MANY = Set.of("block", "record");

  private final View view;
  private final long limit;
  private final Map<String, Long> seen = new TreeMap<>();
  private final Map<String, Long> leftOut = new TreeMap<>();

  /** A limit of 0 is none. */
  Limited(View view, long limit) {
    this.view = view;
    this.limit = limit == 0 ? Long.MAX_VALUE : limit;
  }

  void accept(Part part) {
    boolean counted = MANY.contains(part.kind());
    if (counted && seen.merge(part.kind(), 1L, Long::sum) > limit && part.findings().isEmpty()) {
      leftOut.merge(part.kind(), 1L, Long::sum);
      return;
    }
    view.show(shortened(part));
  }

  void end(boolean right) {
    view.end(leftOut, right);
  }

  private Part shortened(Part part) {
    List<Part> parts = new ArrayList<>();
    long dropped = 0;
    for (Part inner : part.parts()) {
      boolean keep = parts.size() < limit || !inner.findings().isEmpty() || isContent(inner);
      if (keep) {
        parts.add(inner.parts().isEmpty() ? inner : shortened(inner));
      } else {
        dropped++;
      }
    }
    List<Fact> facts = new ArrayList<>(part.facts());
    if (dropped > 0) {
      facts.add(new Fact.Count(LEFT_OUT, dropped));
    }
    return new Part(
        part.kind(),
        part.offset(),
        part.length(),
        part.decompressed(),
        facts,
        part.fields(),
        parts,
        part.findings());
  }

  private static boolean isContent(Part part) {
    return part.kind().equals("content");
  }
}
