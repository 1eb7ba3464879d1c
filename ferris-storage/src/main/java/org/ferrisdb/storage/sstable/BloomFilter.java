package org.ferrisdb.storage.sstable;

import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.io.Bytes;

/**
 * Says of a user key "surely not in this table" or "maybe". With ten bits a key, hardly more than
 * one in a hundred absent keys gets a "maybe". All versions of a key share its bits.
 *
 * <pre>
 * filter | probes u8 | blocks of 512 bits, each as eight u64 words |
 * </pre>
 *
 * <p>All bits of a key lie in one block, which is a cache line: a look costs one cache miss and not
 * seven (Putze, Sanders and Singler, Cache-, Hash- and Space-Efficient Bloom Filters, 2007). The
 * upper half of the hash chooses the block; of the hash mixed once more, each nine bits choose one
 * in it.
 */
public final class BloomFilter {
  private static final int BITS_PER_KEY = 10;
  private static final int PROBES =
      6; // a little less than BITS_PER_KEY * ln 2: blocks fill unevenly
  private static final int MAX_PROBES = 7; // nine bits each of 64
  private static final int BLOCK_BITS = 512;
  private static final int BLOCK_WORDS = BLOCK_BITS / 64;
  private static final long MIX = 0xFF51AFD7ED558CCDL;

  private final int probes;
  private final long[] words;

  private BloomFilter(int probes, long[] words) {
    this.probes = probes;
    this.words = words;
  }

  static BloomFilter build(long[] hashes, int count) {
    long blocks = Math.max(1, ((long) count * BITS_PER_KEY + BLOCK_BITS - 1) / BLOCK_BITS);
    BloomFilter filter = new BloomFilter(PROBES, new long[Math.toIntExact(blocks * BLOCK_WORDS)]);
    for (int i = 0; i < count; i++) {
      filter.set(hashes[i]);
    }
    return filter;
  }

  /** Reads what {@link #encode} wrote. */
  public static BloomFilter decode(byte[] bytes, String name, long offset) {
    if (bytes.length < 9
        || bytes.length % (8 * BLOCK_WORDS) != 1
        || bytes[0] < 1
        || bytes[0] > MAX_PROBES) {
      throw new StorageException.Corruption(
          name + ": filter at offset " + offset + " of length " + bytes.length);
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
    int block = block(hash);
    long rest = mix(hash);
    for (int i = 0; i < probes; i++) {
      int bit = (int) rest & (BLOCK_BITS - 1);
      words[block + (bit >>> 6)] |= 1L << bit;
      rest >>>= 9;
    }
  }

  /** False if a key with this hash was surely not added; see {@code SSTableReader.hash}. */
  public boolean mayContain(long hash) {
    int block = block(hash);
    long rest = mix(hash);
    for (int i = 0; i < probes; i++) {
      int bit = (int) rest & (BLOCK_BITS - 1);
      if ((words[block + (bit >>> 6)] & 1L << bit) == 0) {
        return false;
      }
      rest >>>= 9;
    }
    return true;
  }

  /**
   * Maps the upper 32 bits onto the blocks by multiplication, no division; the first word's index.
   */
  private int block(long hash) {
    return (int) (((hash >>> 32) * (words.length / BLOCK_WORDS)) >>> 32) * BLOCK_WORDS;
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
