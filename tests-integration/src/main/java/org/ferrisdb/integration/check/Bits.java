package org.ferrisdb.integration.check;

import java.util.Arrays;

/// Sets of small numbers as arrays that are never changed, so that equal sets have equal arrays
/// once they are [#shifted]; for the memory of searches.
final class Bits {
  private Bits() {}

  static boolean get(long[] bits, int i) {
    return i >> 6 < bits.length && (bits[i >> 6] & 1L << (i & 63)) != 0;
  }

  static long[] with(long[] bits, int i) {
    long[] copy = Arrays.copyOf(bits, Math.max(bits.length, (i >> 6) + 1));
    copy[i >> 6] |= 1L << (i & 63);
    return copy;
  }

  /// How many numbers from 0 on are in it without a gap.
  static int run(long[] bits) {
    int i = 0;
    while (get(bits, i)) {
      i++;
    }
    return i;
  }

  /// Each number less by so many, those below left out; no empty words at the end.
  static long[] shifted(long[] bits, int by) {
    int words = by >> 6;
    int rest = by & 63;
    long[] result = new long[Math.max(0, bits.length - words)];
    for (int i = 0; i < result.length; i++) {
      result[i] = bits[i + words] >>> rest;
      if (rest != 0 && i + words + 1 < bits.length) {
        result[i] |= bits[i + words + 1] << (64 - rest);
      }
    }
    int used = result.length;
    while (used > 0 && result[used - 1] == 0) {
      used--;
    }
    return used == result.length ? result : Arrays.copyOf(result, used);
  }
}
