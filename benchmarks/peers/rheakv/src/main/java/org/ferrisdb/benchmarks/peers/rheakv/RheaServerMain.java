package org.ferrisdb.benchmarks.peers.rheakv;

import com.alipay.sofa.jraft.option.NodeOptions;
import com.alipay.sofa.jraft.rhea.client.DefaultRheaKVStore;
import com.alipay.sofa.jraft.rhea.options.PlacementDriverOptions;
import com.alipay.sofa.jraft.rhea.options.RheaKVStoreOptions;
import com.alipay.sofa.jraft.rhea.options.RocksDBOptions;
import com.alipay.sofa.jraft.rhea.options.StoreEngineOptions;
import com.alipay.sofa.jraft.rhea.storage.StorageType;
import com.alipay.sofa.jraft.util.Endpoint;
import java.nio.file.Files;
import java.nio.file.Path;

/** A RheaKV server: {@code RheaServerMain HOST PORT MEMBERS DIRECTORY}. Runs until it is killed. */
public final class RheaServerMain {
  private RheaServerMain() {}

  /** See the class. */
  public static void main(String[] args) throws Exception {
    Path dir = Files.createDirectories(Path.of(args[3]));
    PlacementDriverOptions noPlacementDriver = new PlacementDriverOptions();
    noPlacementDriver.setFake(true);
    RocksDBOptions rocks = new RocksDBOptions();
    rocks.setDbPath(dir.resolve("db").toString());
    NodeOptions node = new NodeOptions();
    // Both are the defaults; they are what the race stands on, so they are said.
    node.getRaftOptions().setSync(true);
    node.getRaftOptions().setSyncMeta(true);
    StoreEngineOptions engine = new StoreEngineOptions();
    engine.setStorageType(StorageType.RocksDB);
    engine.setRocksDBOptions(rocks);
    engine.setRaftDataPath(dir.resolve("raft").toString());
    engine.setServerAddress(new Endpoint(args[0], Integer.parseInt(args[1])));
    engine.setCommonNodeOptions(node);
    RheaKVStoreOptions options = new RheaKVStoreOptions();
    options.setClusterName(RheaStoreFactory.CLUSTER);
    options.setInitialServerList(args[2]);
    options.setStoreEngineOptions(engine);
    options.setPlacementDriverOptions(noPlacementDriver);
    if (!new DefaultRheaKVStore().init(options)) {
      System.err.println("RheaKV did not start");
      System.exit(1);
    }
    Thread.currentThread().join();
  }
}
