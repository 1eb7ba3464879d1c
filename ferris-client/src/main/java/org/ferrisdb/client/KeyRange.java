package org.ferrisdb.client;

import java.util.Optional;

/**
 * The keys from {@code start} (inclusive) to {@code end} (exclusive).
 *
 * @param start first key of the range; empty bytes: from the very first key
 * @param end first key behind the range; nothing: to the very last key
 */
public record KeyRange(Bytes start, Optional<Bytes> end) {
  /** Rejects a range whose end lies before its start. */
  public KeyRange {
    if (end.isPresent() && end.get().compareTo(start) < 0) {
      throw new InvalidRequestException(
          "key range ends at " + end.get() + ", before its start " + start, "swap the two");
    }
  }

  /** Every key. */
  public static KeyRange all() {
    return new KeyRange(Bytes.empty(), Optional.empty());
  }

  /** From {@code start} (inclusive) to {@code end} (exclusive). */
  public static KeyRange of(Bytes start, Bytes end) {
    return new KeyRange(start, Optional.of(end));
  }

  /** From {@code start} (inclusive) to the last key. */
  public static KeyRange from(Bytes start) {
    return new KeyRange(start, Optional.empty());
  }

  /** From the first key to {@code end} (exclusive). */
  public static KeyRange until(Bytes end) {
    return of(Bytes.empty(), end);
  }

  /** Every key that begins with {@code prefix}. */
  public static KeyRange prefix(Bytes prefix) {
    return new KeyRange(prefix, prefix.prefixEnd());
  }

  /** Whether {@code key} lies in the range. */
  public boolean contains(Bytes key) {
    return key.compareTo(start) >= 0 && (end.isEmpty() || key.compareTo(end.get()) < 0);
  }
}
