package org.ferrisdb.integration.workload;

import java.util.Optional;
import java.util.function.Function;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.Ferris;

/**
 * Transactions over any keys, as far as the workloads need them; the one place to change when
 * FerrisDB has them.
 */
public interface Transactions {
  /** What the workloads that need them say until then. */
  String NOT_YET = "needs transactions over several shards, which FerrisDB does not have yet";

  /** One that is under way. */
  interface Transaction {
    /** The value of a key, its own writes included. */
    Optional<Bytes> get(Bytes key);

    /** Sets a key when the transaction commits. */
    void put(Bytes key, Bytes value);
  }

  /** The body's answer, and whether its reads and writes took effect together. */
  record Committed<T>(boolean committed, T result) {}

  /**
   * Runs a body once, strictly serializably.
   *
   * @param ferris the connection, whose deadline counts for all of it
   * @return not committed: certainly without effect, for a conflict
   * @throws org.ferrisdb.client.FerrisException whose outcome is that of the commit
   */
  <T> Committed<T> run(Ferris ferris, Function<Transaction, T> body);

  /** Those of the public client; none yet. */
  static Optional<Transactions> ofClient() {
    return Optional.empty();
  }
}
