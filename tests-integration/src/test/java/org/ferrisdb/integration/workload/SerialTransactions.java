package org.ferrisdb.integration.workload;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.Ferris;

/**
 * Transactions in memory, one after the other: what FerrisDB's are to look like; or, made wrong on
 * purpose, with reads that are a while old, as snapshot isolation without a check would have them.
 */
final class SerialTransactions implements Transactions {
  private final int age;
  private final java.util.ArrayDeque<Map<Bytes, Bytes>> past = new java.util.ArrayDeque<>();
  private Map<Bytes, Bytes> now = Map.of();

  /**
   * Makes an empty database.
   *
   * @param age so many commits ago is what transactions read; 0 is right
   */
  SerialTransactions(int age) {
    this.age = age;
  }

  @Override
  public synchronized <T> Committed<T> run(Ferris ferris, Function<Transaction, T> body) {
    Map<Bytes, Bytes> read = past.size() < age || age == 0 ? now : past.getFirst();
    Map<Bytes, Bytes> writes = new HashMap<>();
    T result =
        body.apply(
            new Transaction() {
              @Override
              public Optional<Bytes> get(Bytes key) {
                return Optional.ofNullable(writes.getOrDefault(key, read.get(key)));
              }

              @Override
              public void put(Bytes key, Bytes value) {
                writes.put(key, value);
              }
            });
    if (!writes.isEmpty()) {
      past.addLast(now);
      if (past.size() > age) {
        past.removeFirst();
      }
      Map<Bytes, Bytes> next = new HashMap<>(now);
      next.putAll(writes);
      now = next;
    }
    return new Committed<>(true, result);
  }
}
