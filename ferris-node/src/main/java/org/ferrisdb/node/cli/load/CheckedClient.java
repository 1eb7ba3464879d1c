package org.ferrisdb.node.cli.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * One client of the checked workload. It owns a counter, raised by compare-and-set, and a log: keys
 * that are each written once. After every round it knows what the database must hold; {@link
 * #counterKey}, {@link #expectedVersion} and so on tell, and {@link WorkloadCheck} compares.
 *
 * <p>A round is: put the next log key; raise the counter; every fourth round, read the counter. A
 * call that fails with an unknown outcome makes just its own key uncertain: the counter is read
 * again, the log key may be there or not.
 *
 * <p>Not thread-safe: one thread runs the rounds, and the check comes after them.
 */
final class CheckedClient {
  /** Version of a log key whose put had an unknown outcome. */
  static final long UNKNOWN = -1;

  /** Version of a log key whose put certainly was not applied. */
  static final long NOT_APPLIED = 0;

  private static final int VALUE_BYTES = 100;

  private final int id;
  private final Store store;
  private final ServiceMeter meter;
  private final LongSupplier clock;
  private final LongAdder acknowledged;
  private final List<String> violations = new ArrayList<>();

  private long[] logVersions = new long[1024];
  private int logLength;
  private long count;
  private long counterVersion;
  private boolean counterUncertain;
  private long failures;

  CheckedClient(
      int id, Store store, ServiceMeter meter, LongSupplier clock, LongAdder acknowledged) {
    this.id = id;
    this.store = store;
    this.meter = meter;
    this.clock = clock;
    this.acknowledged = acknowledged;
  }

  /** One round. Never throws for what the database does. */
  void round() {
    putLog();
    raiseCounter();
    if (logLength % 4 == 0) {
      readCounter();
    }
  }

  private void putLog() {
    int n = logLength++;
    if (logVersions.length == n) {
      logVersions = Arrays.copyOf(logVersions, 2 * n);
    }
    long sent = clock.getAsLong();
    try {
      logVersions[n] = store.put(logKey(n), value(n));
      acked(sent);
    } catch (StoreException e) {
      failures++;
      logVersions[n] = e.outcomeUnknown() ? UNKNOWN : NOT_APPLIED;
    }
  }

  private void raiseCounter() {
    if (counterUncertain && !settleCounter()) {
      return;
    }
    long sent = clock.getAsLong();
    try {
      OptionalLong version = store.compareAndSet(counterKey(), counterVersion, value(count + 1));
      if (version.isEmpty()) {
        violations.add(
            "client "
                + id
                + ": its counter was not at version "
                + counterVersion
                + ", though nobody else writes it");
        counterUncertain = true;
        return;
      }
      if (version.getAsLong() <= counterVersion) {
        violations.add("client " + id + ": a version did not rise: " + version.getAsLong());
      }
      count++;
      counterVersion = version.getAsLong();
      acked(sent);
    } catch (StoreException e) {
      failures++;
      counterUncertain |= e.outcomeUnknown();
    }
  }

  /**
   * After an unknown outcome the counter holds the old or the new count, and the write may even
   * come later. Writing what is there once more settles it: the late one then finds another version
   * than it expects.
   */
  private boolean settleCounter() {
    try {
      for (int attempt = 0; attempt < 3; attempt++) {
        Optional<Store.Stored> stored = store.get(counterKey());
        long found = stored.map(s -> number(s.value())).orElse(0L);
        long version = stored.map(Store.Stored::version).orElse(0L);
        if (found != count && found != count + 1) {
          violations.add(
              "client "
                  + id
                  + ": its counter is "
                  + found
                  + ", expected "
                  + count
                  + " or one more");
        }
        OptionalLong settled = store.compareAndSet(counterKey(), version, value(found));
        if (settled.isPresent()) {
          count = found;
          counterVersion = settled.getAsLong();
          counterUncertain = false;
          return true;
        }
      }
    } catch (StoreException e) {
      failures++;
    }
    return false;
  }

  private void readCounter() {
    if (counterUncertain) {
      return;
    }
    try {
      Optional<Store.Stored> stored = store.get(counterKey());
      long version = stored.map(Store.Stored::version).orElse(0L);
      long found = stored.map(s -> number(s.value())).orElse(0L);
      if (version != counterVersion || found != count) {
        violations.add(
            "client "
                + id
                + ": read counter "
                + found
                + " at version "
                + version
                + ", acknowledged was "
                + count
                + " at "
                + counterVersion);
      }
    } catch (StoreException e) {
      failures++;
    }
  }

  private void acked(long sent) {
    meter.acknowledged(id, sent, clock.getAsLong());
    acknowledged.increment();
  }

  /** After the last round: makes a counter of unknown outcome certain; false if that fails. */
  boolean settle() {
    return !counterUncertain || settleCounter();
  }

  int logLength() {
    return logLength;
  }

  /** What is known of a log key: a version, {@link #UNKNOWN} or {@link #NOT_APPLIED}. */
  long expectedVersion(int n) {
    return logVersions[n];
  }

  long counterVersion() {
    return counterVersion;
  }

  long count() {
    return count;
  }

  boolean counterUncertain() {
    return counterUncertain;
  }

  /** Calls that failed; allowed, since each told its outcome. */
  long failures() {
    return failures;
  }

  /** What the database did wrong while the client watched. */
  List<String> violations() {
    return violations;
  }

  byte[] counterKey() {
    return key(-1);
  }

  byte[] logKey(int n) {
    return key(n);
  }

  /**
   * Eight scattered bytes, so that keys of a client hit every shard, then client and number:
   *
   * <pre>
   *   +--------------+-------------+-------------------------+
   *   | mix: 8 bytes | client: i32 | number: i32, -1 counter |
   *   +--------------+-------------+-------------------------+
   * </pre>
   */
  private byte[] key(int n) {
    return ByteBuffer.allocate(16)
        .putLong(Zipf.mix((long) id << 32 | (n & 0xffffffffL)))
        .putInt(id)
        .putInt(n)
        .array();
  }

  /** Client and number out of a key. */
  static int[] ownerOf(byte[] key) {
    if (key.length != 16) {
      return new int[] {-1, 0};
    }
    ByteBuffer b = ByteBuffer.wrap(key);
    return new int[] {b.getInt(8), b.getInt(12)};
  }

  /** The number in decimal, then dots up to the size. */
  static byte[] value(long number) {
    byte[] value = new byte[VALUE_BYTES];
    Arrays.fill(value, (byte) '.');
    byte[] digits = Long.toString(number).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(digits, 0, value, 0, digits.length);
    return value;
  }

  static long number(byte[] value) {
    String text = new String(value, StandardCharsets.US_ASCII);
    int end = text.indexOf('.');
    try {
      return Long.parseLong(end < 0 ? text : text.substring(0, end));
    } catch (NumberFormatException e) {
      return Long.MIN_VALUE;
    }
  }
}
