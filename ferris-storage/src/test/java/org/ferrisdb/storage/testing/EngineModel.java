package org.ferrisdb.storage.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.ferrisdb.storage.EntryCursor;
import org.ferrisdb.storage.StorageEngine;
import org.ferrisdb.storage.StorageEngine.Direction;
import org.ferrisdb.storage.Versioned;
import org.ferrisdb.storage.WriteBatch;
import org.ferrisdb.storage.key.KeyRange;
import org.ferrisdb.storage.key.RangeTombstone;
import org.jspecify.annotations.Nullable;

/** What an engine should hold: for each key its versions, in a map. Keys and values are text. */
public final class EngineModel {
  private static final String DELETED = "\0";

  private final TreeMap<String, TreeMap<Long, String>> versions = new TreeMap<>();
  private final List<RangeTombstone> ranges = new ArrayList<>();

  /** A model that holds the same. */
  public EngineModel copy() {
    EngineModel copy = new EngineModel();
    versions.forEach((key, history) -> copy.versions.put(key, new TreeMap<>(history)));
    copy.ranges.addAll(ranges);
    return copy;
  }

  /** Applies what the engine was given. */
  public void apply(WriteBatch batch) {
    ranges.addAll(batch.ranges());
    for (WriteBatch.Op op : batch.ops()) {
      String value =
          switch (op.kind()) {
            case PUT -> text(op.value());
            case TOMBSTONE -> DELETED;
          };
      versions.computeIfAbsent(text(op.key()), k -> new TreeMap<>()).put(op.timestamp(), value);
    }
  }

  /** Forgets the keys of a range. */
  public void excise(KeyRange range) {
    versions.keySet().removeIf(key -> range.contains(bytes(key)));
  }

  /** A model of the keys of a range alone. */
  public EngineModel restrictedTo(KeyRange range) {
    EngineModel part = copy();
    part.versions.keySet().removeIf(key -> !range.contains(bytes(key)));
    return part;
  }

  private static boolean inside(String key, @Nullable String from, @Nullable String to) {
    return (from == null || key.compareTo(from) >= 0) && (to == null || key.compareTo(to) < 0);
  }

  /** All keys. */
  public List<String> keys() {
    return List.copyOf(versions.keySet());
  }

  /** The live value at the timestamp, null if there is none. */
  public @Nullable String get(String key, long timestamp) {
    TreeMap<Long, String> history = versions.get(key);
    Map.Entry<Long, String> entry = history == null ? null : history.floorEntry(timestamp);
    if (entry == null || entry.getValue().equals(DELETED)) {
      return null;
    }
    long version = entry.getKey();
    boolean hidden =
        ranges.stream()
            .anyMatch(range ->
                range.timestamp() <= timestamp
                    && range.timestamp() > version
                    && text(range.from()).compareTo(key) <= 0
                    && key.compareTo(text(range.to())) < 0);
    return hidden ? null : entry.getValue();
  }

  /** The live entries of [from, to) at the timestamp as "key=value@timestamp". */
  public List<String> scan(
      @Nullable String from, @Nullable String to, long timestamp, Direction direction) {
    List<String> result = new ArrayList<>();
    for (Map.Entry<String, TreeMap<Long, String>> entry : versions.entrySet()) {
      String key = entry.getKey();
      String value = get(key, timestamp);
      if (inside(key, from, to) && value != null) {
        result.add(key + "=" + value + "@" + entry.getValue().floorKey(timestamp));
      }
    }
    return direction == Direction.FORWARD ? result : result.reversed();
  }

  /** What the engine answers to the same scan. */
  public static List<String> scan(
      StorageEngine engine,
      @Nullable String from,
      @Nullable String to,
      long timestamp,
      Direction direction) {
    byte[] low = from == null ? null : bytes(from);
    byte[] high = to == null ? null : bytes(to);
    List<String> result = new ArrayList<>();
    try (EntryCursor cursor = engine.cursor(low, high, timestamp, direction)) {
      while (cursor.next()) {
        result.add(text(cursor.key()) + "=" + text(cursor.value()) + "@" + cursor.timestamp());
      }
    }
    return result;
  }

  /** The engine's live value. */
  public static @Nullable String get(StorageEngine engine, String key, long timestamp) {
    Versioned found = engine.get(bytes(key), timestamp);
    return found == null || found.isTombstone() ? null : text(found.value());
  }

  /** Asserts that the engine holds exactly this at the timestamp, by gets and scans both ways. */
  public void assertSame(StorageEngine engine, long timestamp) {
    for (Direction direction : Direction.values()) {
      assertThat(scan(engine, null, null, timestamp, direction))
          .as("%s scan at %d", direction, timestamp)
          .isEqualTo(scan(null, null, timestamp, direction));
    }
    for (String key : versions.keySet()) {
      assertThat(get(engine, key, timestamp))
          .as("get %s at %d", key, timestamp)
          .isEqualTo(get(key, timestamp));
    }
  }

  /** Whether the engine holds exactly this at the timestamp, judged by one scan. */
  public boolean isSame(StorageEngine engine, long timestamp) {
    return scan(engine, null, null, timestamp, Direction.FORWARD)
        .equals(scan(null, null, timestamp, Direction.FORWARD));
  }

  /** UTF-8. */
  public static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** UTF-8. */
  public static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
