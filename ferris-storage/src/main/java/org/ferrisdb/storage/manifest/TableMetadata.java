package org.ferrisdb.storage.manifest;

import java.util.Arrays;
import java.util.List;
import org.ferrisdb.storage.key.KeyRange;
import org.ferrisdb.storage.sstable.TableProperties;
import org.ferrisdb.storage.sstable.ValueUse;
import org.jspecify.annotations.Nullable;

/**
 * A table as the manifest knows it.
 *
 * @param number names the file
 * @param length of the file in bytes
 * @param properties what the file holds
 * @param bounds which of it belongs to this engine; null if all of it
 */
public record TableMetadata(
    long number, long length, TableProperties properties, @Nullable Bounds bounds) {
  /**
   * The part of a shared file that one engine sees: what lies outside was given to another engine,
   * or cut out.
   *
   * @param range the keys that count
   * @param bytes about how many bytes of the file they take
   */
  public record Bounds(KeyRange range, long bytes) {}

  /** A table of which all belongs to the engine. */
  public TableMetadata(long number, long length, TableProperties properties) {
    this(number, length, properties, null);
  }

  /** No key or range tombstone of the table is before this one. */
  public byte[] smallest() {
    byte @Nullable [] from = bounds == null ? null : bounds.range().from();
    return from == null || Arrays.compareUnsigned(from, properties.smallest()) < 0
        ? properties.smallest()
        : from;
  }

  /** All keys and range tombstones of the table are before this one. */
  public byte[] end() {
    byte @Nullable [] to = bounds == null ? null : bounds.range().to();
    return to == null || Arrays.compareUnsigned(to, properties.end()) > 0 ? properties.end() : to;
  }

  /** About how many bytes it adds to its level. */
  public long bytes() {
    return bounds == null ? length : bounds.bytes();
  }

  /** What it has in value files; of a part of a table, about as much as its part of the table. */
  public List<ValueUse> values() {
    List<ValueUse> all = properties.values();
    Bounds part = bounds;
    return part == null || all.isEmpty()
        ? all
        : all.stream()
            .map(use -> use.of((long) ((double) use.bytes() * part.bytes() / length)))
            .toList();
  }

  /** Whether the key may be in it. */
  public boolean mayHold(byte[] key) {
    return Arrays.compareUnsigned(smallest(), key) <= 0 && Arrays.compareUnsigned(key, end()) < 0;
  }

  /** Whether its keys meet [from, to). */
  public boolean overlaps(byte[] from, byte[] to) {
    return Arrays.compareUnsigned(smallest(), to) < 0 && Arrays.compareUnsigned(from, end()) < 0;
  }
}
