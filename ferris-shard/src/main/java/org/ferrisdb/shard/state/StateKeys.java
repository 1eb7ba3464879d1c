package org.ferrisdb.shard.state;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Where things lie in the key space of a shard's engine. The first byte tells the user's keys from
 * the shard's own records.
 *
 * <pre>
 *   00 61 ('a')                    applied state: chain, newest timestamp, garbage floor
 *   00 64 ('d')                    descriptor
 *   00 6f ('o') + index u64        outcomes of the log entry with that index
 *   01 + user key                  the user's versions
 * </pre>
 *
 * <p>Records are written at timestamp = Raft index of the entry that writes them, user versions at
 * their commit timestamp. Raft indexes are far below any timestamp, so old versions of records are
 * garbage as soon as the floor has been raised once.
 */
final class StateKeys {
  /** Key of the record of {@link AppliedRecord}. */
  static final byte[] APPLIED = {0, 'a'};

  /** Key of the descriptor. */
  static final byte[] DESCRIPTOR = {0, 'd'};

  /** First key of the outcome records. */
  static final byte[] OUTCOMES_START = {0, 'o'};

  /** First key behind the outcome records. */
  static final byte[] OUTCOMES_END = {0, 'o' + 1};

  /** First key of the user's keys. */
  static final byte[] USER_START = {1};

  /** First key behind the user's keys. */
  static final byte[] USER_END = {2};

  private StateKeys() {}

  /** The record of an entry's outcomes. */
  static byte[] outcomes(long index) {
    return ByteBuffer.allocate(10).put(OUTCOMES_START).putLong(index).array();
  }

  /** The index that {@link #outcomes} put into a key. */
  static long outcomesIndex(byte[] key) {
    return ByteBuffer.wrap(key, 2, 8).getLong();
  }

  /** The engine's key of a user's key. */
  static byte[] user(byte[] key) {
    byte[] prefixed = new byte[key.length + 1];
    prefixed[0] = USER_START[0];
    System.arraycopy(key, 0, prefixed, 1, key.length);
    return prefixed;
  }

  /** The user's key of an engine's key. */
  static byte[] userKey(byte[] engineKey) {
    return Arrays.copyOfRange(engineKey, 1, engineKey.length);
  }
}
