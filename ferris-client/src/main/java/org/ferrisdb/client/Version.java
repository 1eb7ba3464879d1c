package org.ferrisdb.client;

import java.time.Instant;

/**
 * When something was written: the commit timestamp that the cluster's oracle gave it. Versions are
 * unique per write, rise with time, and are comparable across all keys and shards. The version of a
 * key is that of the last write to it, so it can be used to change a key only if nobody else has
 * ({@link Ferris#compareAndSet(Bytes, Version, Bytes)}), and to read the past ({@link Scan#at}).
 *
 * @param value 48 bits of milliseconds since 1970 and a counter of 16 bits; never negative
 */
public record Version(long value) implements Comparable<Version> {
  /** Rejects negative values. */
  public Version {
    if (value < 0) {
      throw new IllegalArgumentException("A version is not negative: " + value);
    }
  }

  /** The oracle's wall clock at that moment, to the millisecond. */
  public Instant instant() {
    return Instant.ofEpochMilli(value >>> 16);
  }

  @Override
  public int compareTo(Version other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
