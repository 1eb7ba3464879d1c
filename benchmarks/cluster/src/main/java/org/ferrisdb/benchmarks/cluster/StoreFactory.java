package org.ferrisdb.benchmarks.cluster;

import java.util.List;
import org.ferrisdb.node.cli.load.Store;

/**
 * Connects to a contestant's cluster. Has a public constructor without parameters: the driver makes
 * it by the name that {@link Contestant#storeFactory} tells.
 */
public interface StoreFactory {
  /**
   * Connects.
   *
   * @param endpoints host:port of every server
   * @param threads how many threads will use it at most
   */
  Store open(List<String> endpoints, int threads);
}
