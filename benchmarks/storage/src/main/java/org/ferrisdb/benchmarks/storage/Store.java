package org.ferrisdb.benchmarks.storage;

import java.nio.file.Path;

/**
 * An embedded store, as the workloads see it. Safe for many threads, but for what says otherwise.
 *
 * <p>Whoever reads must have touched every byte of what was read: {@link #get} and {@link #scan}
 * return a sum over them, which also keeps the JVM from leaving the work out.
 */
interface Store extends AutoCloseable {
  /** What a write waits for. */
  enum Log {
    /** Nothing: there is no log at all. One thread only. */
    NONE,
    /** The operating system has the log's record. */
    UNSYNCED,
    /** It is on the disk. */
    SYNCED
  }

  /** Where it lives, for what writes it is opened, and how large its cache is. */
  record Place(Path directory, Log log, long cacheBytes) {}

  /** What there is no value for. */
  long ABSENT = Long.MIN_VALUE;

  void put(byte[] key, byte[] value);

  void delete(byte[] key);

  /** The sum of the value's bytes; {@link #ABSENT} if there is none. */
  long get(byte[] key);

  /**
   * Goes to the key, and on from there.
   *
   * @param forward else to the last key at or before it, and back
   * @param limit entries to read at the most
   * @return the number of entries read
   */
  int scan(byte[] from, int limit, boolean forward);

  /** Puts what is in memory into files. */
  void flush();

  /** Rewrites everything into as few files as it likes best. */
  void compact();

  /** Waits until it has nothing to do in the background. */
  void settle();

  @Override
  void close();

  /** Of the bytes. */
  static long sum(byte[] bytes, int from, int length) {
    long sum = 0;
    for (int i = from; i < from + length; i++) {
      sum += bytes[i];
    }
    return sum;
  }
}
