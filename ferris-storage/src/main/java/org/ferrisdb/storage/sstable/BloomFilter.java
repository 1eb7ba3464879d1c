package org.ferrisdb.storage.sstable;

import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.io.Bytes;

/**
 * Says of a user key "surely not in this table" or "maybe". With ten bits a key, one in a hundred
 * absent keys gets a "maybe". All versions of a key share its bits.
 *
 * <pre>
 * filter | probes u8 | bits, a multiple of 64, as u64 words |
 * </pre>
 *
 * <p>Probe i looks at bit {@code (hash + i * step) mod bits}, step being the hash rotated by half:
 * two hashes do the work of many.
 */
public final class BloomFilter {
  private static final int BITS_PER_KEY = 10;
  private static final int PROBES = 7; // BITS_PER_KEY * ln 2
  private static final long MIX = 0xFF51AFD7ED558CCDL;

  private final int probes;
  private final long[] words;

  private BloomFilter(int probes, long[] words) {
    this.probes = probes;
    this.words = words;
  }

  static BloomFilter build(long[] hashes, int count) {
    long bits = Math.max(64, (long) count * BITS_PER_KEY);
    BloomFilter filter = new BloomFilter(PROBES, new long[(int) ((bits + 63) / 64)]);
    for (int i = 0; i < count; i++) {
      filter.set(hashes[i]);
    }
    return filter;
  }

  /** Reads what {@link #encode} wrote. */
  public static BloomFilter decode(byte[] bytes, String name) {
    if (bytes.length < 9 || bytes.length % 8 != 1 || bytes[0] < 1) {
      throw new StorageException.Corruption(name + ": filter of length " + bytes.length);
    }
    long[] words = new long[bytes.length / 8];
    for (int i = 0; i < words.length; i++) {
      words[i] = Bytes.getLong(bytes, 1 + 8 * i);
    }
    return new BloomFilter(bytes[0], words);
  }

  /** Bits that a lookup of a present key looks at. */
  public int probes() {
    return probes;
  }

  /** Bits of the filter. */
  public long bits() {
    return 64L * words.length;
  }

  byte[] encode() {
    byte[] bytes = new byte[1 + 8 * words.length];
    bytes[0] = (byte) probes;
    for (int i = 0; i < words.length; i++) {
      Bytes.putLong(bytes, 1 + 8 * i, words[i]);
    }
    return bytes;
  }

  private void set(long hash) {
    long at = hash;
    long step = Long.rotateLeft(hash, 32) | 1;
    for (int i = 0; i < probes; i++) {
      int bit = bit(at);
      words[bit >>> 6] |= 1L << bit;
      at += step;
    }
  }

  /** False if a key with this hash was surely not added; see {@code SSTableReader.hash}. */
  public boolean mayContain(long hash) {
    long at = hash;
    long step = Long.rotateLeft(hash, 32) | 1;
    for (int i = 0; i < probes; i++) {
      int bit = bit(at);
      if ((words[bit >>> 6] & 1L << bit) == 0) {
        return false;
      }
      at += step;
    }
    return true;
  }

  /** Maps the upper 32 bits onto [0, bits) by multiplication; no division. */
  private int bit(long at) {
    return (int) (((at >>> 33) * (words.length * 64L)) >>> 31);
  }

  /** A 64-bit hash of the user key. It is part of the format. */
  static long hash(byte[] key, int length) {
    long hash = length * MIX;
    int at = 0;
    for (; at + 8 <= length; at += 8) {
      hash = mix(hash ^ Bytes.getLong(key, at));
    }
    long rest = 0;
    for (; at < length; at++) {
      rest = (rest << 8) | (key[at] & 0xFF);
    }
    return mix(mix(hash ^ rest));
  }

  private static long mix(long value) {
    long mixed = (value ^ value >>> 33) * MIX;
    return mixed ^ mixed >>> 29;
  }
}
