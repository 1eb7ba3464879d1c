package org.ferrisdb.benchmarks.peers.zookeeper;

import java.util.List;
import org.ferrisdb.benchmarks.cluster.StoreFactory;
import org.ferrisdb.node.cli.load.Store;

/** One session a server. */
public final class ZooKeeperStoreFactory implements StoreFactory {
  /** For the driver. */
  public ZooKeeperStoreFactory() {}

  @Override
  public Store open(List<String> endpoints, int threads) {
    return ZooKeeperStore.open(endpoints);
  }
}
