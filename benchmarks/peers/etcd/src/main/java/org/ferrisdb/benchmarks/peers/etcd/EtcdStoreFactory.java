package org.ferrisdb.benchmarks.peers.etcd;

import io.etcd.jetcd.Client;
import java.util.List;
import org.ferrisdb.benchmarks.cluster.StoreFactory;
import org.ferrisdb.node.cli.load.Store;

/** Connects jetcd to all servers; it spreads the calls over them. */
public final class EtcdStoreFactory implements StoreFactory {
  /** For the driver. */
  public EtcdStoreFactory() {}

  @Override
  public Store open(List<String> endpoints, int threads) {
    return new EtcdStore(
        Client.builder()
            .endpoints(endpoints.stream().map(e -> "http://" + e).toArray(String[]::new))
            .build());
  }
}
