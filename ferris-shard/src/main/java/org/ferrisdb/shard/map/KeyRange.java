package org.ferrisdb.shard.map;

import java.util.Arrays;

/**
 * Keys from {@code start} (inclusive) to {@code end} (exclusive) in unsigned byte order; an empty
 * array is an open bound.
 *
 * @param start first key, empty for the start of the key space
 * @param end first key after the range, empty for the end of the key space
 */
@SuppressWarnings("ArrayRecordComponent") // equals and hashCode are written out
public record KeyRange(byte[] start, byte[] end) {
  /** The whole key space. */
  public static final KeyRange ALL = new KeyRange(new byte[0], new byte[0]);

  /** Whether the key lies in the range. */
  public boolean contains(byte[] key) {
    return Arrays.compareUnsigned(key, start) >= 0
        && (end.length == 0 || Arrays.compareUnsigned(key, end) < 0);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof KeyRange r && Arrays.equals(start, r.start) && Arrays.equals(end, r.end);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(start) + Arrays.hashCode(end);
  }
}
