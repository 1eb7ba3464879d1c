package org.ferrisdb.integration.registers;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Records operations on registers (one per key). Thread-safe. Order over all clients comes from one
 * counter, taken before a request leaves and after its reply is there, which every checker may take
 * as real time.
 */
public final class History {
  private final AtomicLong clock = new AtomicLong();
  private final List<Operation> operations = new ArrayList<>();

  /** What was asked. */
  public enum Kind {
    /** Read the register; {@code result} is what it held, null for absent. */
    READ,
    /** Set it to {@code argument} (null deletes). */
    WRITE,
    /** Set it to {@code argument} if it holds {@code expected}. */
    CAS
  }

  /** How it ended. */
  public enum End {
    /** Took effect (a read: was answered). */
    OK,
    /** Certainly took no effect, now or later; a failed comparison is this too. */
    FAIL,
    /** May have, or may yet: nothing is known. */
    UNKNOWN
  }

  /**
   * One operation.
   *
   * @param key which register
   * @param kind what was asked
   * @param expected CAS only
   * @param argument WRITE and CAS
   * @param result READ that ended OK
   * @param end how it ended
   * @param started before the request left
   * @param ended after its reply was there; Long.MAX_VALUE where the end is UNKNOWN
   */
  public record Operation(
      String key,
      Kind kind,
      @Nullable String expected,
      @Nullable String argument,
      @Nullable String result,
      End end,
      long started,
      long ended) {}

  /** Call before the request leaves; hand the result to the method that ends the operation. */
  public long start() {
    return clock.incrementAndGet();
  }

  /** A read was answered. */
  public void read(String key, long started, @Nullable String result) {
    add(
        new Operation(
            key, Kind.READ, null, null, result, End.OK, started, clock.incrementAndGet()));
  }

  /** A write ended. */
  public void write(String key, long started, @Nullable String value, End end) {
    add(new Operation(key, Kind.WRITE, null, value, null, end, started, endOf(end)));
  }

  /** A compare-and-set ended; a comparison that failed is {@link End#FAIL}. */
  public void cas(String key, long started, @Nullable String expected, String value, End end) {
    add(new Operation(key, Kind.CAS, expected, value, null, end, started, endOf(end)));
  }

  private long endOf(End end) {
    return end == End.UNKNOWN ? Long.MAX_VALUE : clock.incrementAndGet();
  }

  private synchronized void add(Operation operation) {
    operations.add(operation);
  }

  /** How many operations were recorded. */
  public synchronized int size() {
    return operations.size();
  }

  /** The operations of each key, in order of their start; those without effect or news left out. */
  public synchronized Map<String, List<Operation>> byKey() {
    Map<String, List<Operation>> keys = new TreeMap<>();
    for (Operation operation : operations) {
      if (operation.end() != End.FAIL) {
        keys.computeIfAbsent(operation.key(), k -> new ArrayList<>()).add(operation);
      }
    }
    keys.values().forEach(list -> list.sort(Comparator.comparingLong(Operation::started)));
    return keys;
  }
}
