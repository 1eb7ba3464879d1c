package org.ferrisdb.benchmarks.storage;

import java.util.SplittableRandom;

/**
 * The records: keys of 16 bytes, a number and eight zeros, and values that compress to about half.
 *
 * @param records how many there are
 * @param valueBytes of each
 * @param step from one record to the next in a random order: has no factor in common with their
 *     number
 */
record Data(int records, int valueBytes, long step) {
  static final int KEY_BYTES = 16;

  Data(int records, int valueBytes) {
    this(records, valueBytes, step(records));
  }

  private static long step(int records) {
    long step = (long) (records * 0.6180339887) | 1;
    while (gcd(step, records) != 1) {
      step += 2;
    }
    return step;
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  /** Keys that exist are even numbers, those that are missed are odd. */
  static byte[] key(long number) {
    byte[] key = new byte[KEY_BYTES];
    setKey(key, number);
    return key;
  }

  private static void setKey(byte[] key, long number) {
    long value = 2 * number;
    for (int i = 7; i >= 0; i--) {
      key[i] = (byte) value;
      value >>>= 8;
    }
  }

  /** A key next to the number's that no record has. */
  static byte[] missingKey(long number) {
    byte[] key = key(number);
    key[7] |= 1;
    return key;
  }

  /** A value; half of it is random, the other half repeats. */
  byte[] value(SplittableRandom random) {
    byte[] value = new byte[valueBytes];
    int half = (valueBytes + 1) / 2;
    for (int i = 0; i < half; i += 8) {
      long bits = random.nextLong();
      for (int b = i; b < Math.min(half, i + 8); b++) {
        value[b] = (byte) bits;
        bits >>>= 8;
      }
    }
    for (int i = half; i < valueBytes; i++) {
      value[i] = (byte) (i >>> 4);
    }
    return value;
  }

  /** The record at a place of a random order in which each comes once. */
  long permuted(long place) {
    return Math.floorMod(place * step, (long) records);
  }

  /** Bytes of all keys and values. */
  long rawBytes() {
    return (long) records * (KEY_BYTES + valueBytes);
  }
}
