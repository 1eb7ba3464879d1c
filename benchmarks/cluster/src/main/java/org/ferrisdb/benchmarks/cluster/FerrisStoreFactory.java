package org.ferrisdb.benchmarks.cluster;

import java.time.Duration;
import java.util.List;
import org.ferrisdb.node.cli.load.FerrisStore;
import org.ferrisdb.node.cli.load.Store;

/** FerrisDB through its client library, one connection object for all threads. */
public final class FerrisStoreFactory implements StoreFactory {
  private static final Duration DEADLINE = Duration.ofSeconds(10);

  /** For the driver. */
  public FerrisStoreFactory() {}

  @Override
  public Store open(List<String> endpoints, int threads) {
    return FerrisStore.open("ferris://" + String.join(",", endpoints), DEADLINE, "race");
  }
}
