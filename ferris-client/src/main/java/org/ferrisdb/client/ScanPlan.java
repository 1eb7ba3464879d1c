package org.ferrisdb.client;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** The arithmetic of scans over shards; pure functions. */
final class ScanPlan {
  private ScanPlan() {}

  /** The part of a range that lies in a shard, whose end is empty if it has none. */
  static KeyRange within(KeyRange range, Bytes shardStart, Bytes shardEnd) {
    Bytes start = range.start().compareTo(shardStart) >= 0 ? range.start() : shardStart;
    Optional<Bytes> end = range.end();
    if (!shardEnd.isEmpty() && (end.isEmpty() || end.get().compareTo(shardEnd) > 0)) {
      end = Optional.of(shardEnd);
    }
    return new KeyRange(start, end);
  }

  /**
   * Cuts a range where shards begin.
   *
   * @param starts where shards begin, rising
   * @return the parts, in the order of the scan; together they are the range
   */
  static List<KeyRange> cut(KeyRange range, List<Bytes> starts, boolean reverse) {
    List<KeyRange> parts = new ArrayList<>();
    Bytes from = range.start();
    for (Bytes start : starts) {
      boolean inside =
          start.compareTo(from) > 0
              && (range.end().isEmpty() || start.compareTo(range.end().get()) < 0);
      if (inside) {
        parts.add(KeyRange.of(from, start));
        from = start;
      }
    }
    parts.add(new KeyRange(from, range.end()));
    if (reverse) {
      Collections.reverse(parts);
    }
    return parts;
  }

  /**
   * Where a scan goes on after a page; nothing at its end.
   *
   * @param range what the page was to be taken from
   * @param more whether the shard holds more of it
   */
  static Optional<Cursor> next(
      KeyRange range,
      boolean reverse,
      Version snapshot,
      List<Entry> page,
      boolean more,
      Bytes shardStart,
      Bytes shardEnd) {
    if (more) {
      return Optional.of(after(page.get(page.size() - 1), reverse, snapshot));
    }
    Bytes edge = reverse ? shardStart : shardEnd;
    if (edge.isEmpty()) {
      return Optional.empty();
    }
    boolean beyond =
        reverse
            ? edge.compareTo(range.start()) <= 0
            : range.end().isPresent() && edge.compareTo(range.end().get()) >= 0;
    return beyond ? Optional.empty() : Optional.of(new Cursor(snapshot, reverse, edge));
  }

  /** Where a scan goes on after an entry. */
  static Cursor after(Entry entry, boolean reverse, Version snapshot) {
    return new Cursor(snapshot, reverse, reverse ? entry.key() : entry.key().successor());
  }

  /** What is left of a range at a cursor; nothing if the cursor stands at its end. */
  static Optional<KeyRange> rest(KeyRange range, Cursor cursor) {
    Bytes at = cursor.position();
    if (cursor.reverse()) {
      if (at.compareTo(range.start()) <= 0) {
        return Optional.empty();
      }
      boolean above = range.end().isPresent() && range.end().get().compareTo(at) < 0;
      return Optional.of(above ? range : new KeyRange(range.start(), Optional.of(at)));
    }
    if (range.end().isPresent() && at.compareTo(range.end().get()) >= 0) {
      return Optional.empty();
    }
    return Optional.of(at.compareTo(range.start()) <= 0 ? range : new KeyRange(at, range.end()));
  }
}
