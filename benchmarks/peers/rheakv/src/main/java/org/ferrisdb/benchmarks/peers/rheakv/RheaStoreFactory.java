package org.ferrisdb.benchmarks.peers.rheakv;

import com.alipay.sofa.jraft.rhea.client.DefaultRheaKVStore;
import com.alipay.sofa.jraft.rhea.client.RheaKVStore;
import com.alipay.sofa.jraft.rhea.options.PlacementDriverOptions;
import com.alipay.sofa.jraft.rhea.options.RegionRouteTableOptions;
import com.alipay.sofa.jraft.rhea.options.RheaKVStoreOptions;
import com.alipay.sofa.jraft.rhea.util.Constants;
import java.util.List;
import org.ferrisdb.benchmarks.cluster.StoreFactory;
import org.ferrisdb.node.cli.load.Store;
import org.ferrisdb.node.cli.load.StoreException;

/** Connects RheaKV's client, with its default settings: it batches what threads ask together. */
public final class RheaStoreFactory implements StoreFactory {
  static final String CLUSTER = "race";

  /** For the driver. */
  public RheaStoreFactory() {}

  @Override
  public Store open(List<String> endpoints, int threads) {
    String members = String.join(",", endpoints);
    RegionRouteTableOptions region = new RegionRouteTableOptions();
    region.setRegionId(Constants.DEFAULT_REGION_ID);
    region.setInitialServerList(members);
    PlacementDriverOptions routes = new PlacementDriverOptions();
    routes.setFake(true);
    routes.setRegionRouteTableOptionsList(List.of(region));
    RheaKVStoreOptions options = new RheaKVStoreOptions();
    options.setClusterName(CLUSTER);
    options.setInitialServerList(members);
    options.setPlacementDriverOptions(routes);
    RheaKVStore store = new DefaultRheaKVStore();
    if (!store.init(options)) {
      throw new StoreException("RheaKV's client did not start", false, null);
    }
    return new RheaStore(store);
  }
}
