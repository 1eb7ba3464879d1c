package org.ferrisdb.node.cli.load;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/**
 * The operations that load needs of a database. Thread-safe. All failures are {@link
 * StoreException}.
 */
public interface Store extends AutoCloseable {
  /**
   * A value with its version.
   *
   * @param value the value
   * @param version rises with every write of the key
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Stored(byte[] value, long version) {}

  /** Receives the entries of a scan. */
  @FunctionalInterface
  interface EntryConsumer {
    /** An entry. */
    void accept(byte[] key, byte[] value, long version);
  }

  /** Writes; returns the version. */
  long put(byte[] key, byte[] value);

  /** Reads the newest value. */
  Optional<Stored> get(byte[] key);

  /**
   * Writes if the key has this version.
   *
   * @param expectedVersion 0: the key must be absent
   * @return the new version; empty if the key has another version
   */
  OptionalLong compareAndSet(byte[] key, long expectedVersion, byte[] value);

  /** Writes without waiting. */
  CompletionStage<?> putAsync(byte[] key, byte[] value);

  /** Reads without waiting. */
  CompletionStage<?> getAsync(byte[] key);

  /**
   * Reads entries in key order, from {@code from} on.
   *
   * @param limit at most so many
   * @return how many were read
   */
  int scan(byte[] from, int limit);

  /** All entries in key order, of one consistent cut. */
  void scanAll(EntryConsumer consumer);

  @Override
  void close();
}
