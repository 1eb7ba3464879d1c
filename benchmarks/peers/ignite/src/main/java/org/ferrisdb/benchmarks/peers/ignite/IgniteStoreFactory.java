package org.ferrisdb.benchmarks.peers.ignite;

import java.time.Duration;
import java.util.List;
import org.apache.ignite.client.IgniteClient;
import org.apache.ignite.lang.IgniteException;
import org.apache.ignite.table.Table;
import org.ferrisdb.benchmarks.cluster.StoreFactory;
import org.ferrisdb.node.cli.load.Store;
import org.ferrisdb.node.cli.load.StoreException;
import org.jspecify.annotations.Nullable;

/** Connects Ignite's client to all servers, so that it sends each operation to the right one. */
public final class IgniteStoreFactory implements StoreFactory {
  static final String TABLE = "KV";

  private static final Duration TABLE_IS_THERE = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(200);

  /** For the driver. */
  public IgniteStoreFactory() {}

  @Override
  public Store open(List<String> endpoints, int threads) {
    IgniteClient client =
        IgniteClient.builder().addresses(endpoints.toArray(String[]::new)).build();
    return new IgniteStore(client, awaitTable(client).keyValueView(byte[].class, byte[].class));
  }

  /** Servers listen before the table is there. */
  private static Table awaitTable(IgniteClient client) {
    long deadline = System.nanoTime() + TABLE_IS_THERE.toNanos();
    @Nullable IgniteException failure = null;
    while (System.nanoTime() < deadline) {
      try {
        @Nullable Table table = client.tables().table(TABLE);
        if (table != null) {
          return table;
        }
      } catch (IgniteException e) {
        failure = e;
      }
      try {
        Thread.sleep(POLL);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
    }
    throw new StoreException(
        "Ignite has no table " + TABLE + " after " + TABLE_IS_THERE.toSeconds() + " s",
        false,
        failure);
  }
}
