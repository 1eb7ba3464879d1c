package org.ferrisdb.storage.key;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The keys of [from, to); a null bound is open. Immutable, as long as nobody changes the arrays.
 *
 * @param from first key, null from the first one on
 * @param to the first key after it, null to the last one
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
public record KeyRange(byte @Nullable [] from, byte @Nullable [] to) {
  /** Every key. */
  public static final KeyRange ALL = new KeyRange(null, null);

  /** Whether the key is in it. */
  public boolean contains(byte[] key, int keyLength) {
    return (from == null || Arrays.compareUnsigned(key, 0, keyLength, from, 0, from.length) >= 0)
        && (to == null || Arrays.compareUnsigned(key, 0, keyLength, to, 0, to.length) < 0);
  }

  /** Whether the key is in it. */
  public boolean contains(byte[] key) {
    return contains(key, key.length);
  }

  /** Whether no key is in it. */
  public boolean isEmpty() {
    return from != null && to != null && Arrays.compareUnsigned(from, to) >= 0;
  }

  /** The keys that are in both. */
  public KeyRange and(KeyRange other) {
    return new KeyRange(laterStart(from, other.from), earlierEnd(to, other.to));
  }

  private static byte @Nullable [] laterStart(byte @Nullable [] a, byte @Nullable [] b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return Arrays.compareUnsigned(a, b) >= 0 ? a : b;
  }

  private static byte @Nullable [] earlierEnd(byte @Nullable [] a, byte @Nullable [] b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return Arrays.compareUnsigned(a, b) <= 0 ? a : b;
  }

  /** The first key after the given one: the same with a zero byte behind it. */
  public static byte[] successor(byte[] key, int keyLength) {
    return Arrays.copyOf(Arrays.copyOf(key, keyLength), keyLength + 1);
  }
}
