package org.ferrisdb.benchmarks.cluster;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A database that takes part: how to start three servers of it, and how to reach them. */
interface Contestant {
  /** Servers of every contestant. */
  int SERVERS = 3;

  /** As on the command line and in the results: {@code etcd}. */
  String name();

  /** As people write it. */
  String title();

  /** Version, and what makes it durable and its reads linearizable: one line for the reader. */
  String settings();

  /** Why it can not take part, with the remedy, in one line; empty if it can. */
  Optional<String> missing();

  /** Whether it has the operations of a cell. */
  default boolean runs(Cell cell) {
    return true;
  }

  /**
   * How long its servers are warmed up when the others get {@code asked} seconds. What runs on a
   * JVM gets all of it; what was compiled ahead of time has nothing to gain from minutes of load.
   */
  default int warmupSeconds(int asked) {
    return asked;
  }

  /** Class name of the {@link StoreFactory}. */
  String storeFactory();

  /** Class path of the driver process. */
  String driverClassPath();

  /** Further JVM options that its client library needs. */
  default List<String> driverOptions() {
    return List.of();
  }

  /**
   * Starts servers with all their files below {@code dir}, on free loopback ports.
   *
   * @throws RaceException if they do not start
   */
  RunningCluster start(Path dir);

  /** Servers that run. */
  interface RunningCluster extends AutoCloseable {
    /** host:port of each, for clients. */
    List<String> endpoints();

    /** Process ids. */
    List<Long> pids();

    /** Ends all of them, at once and for good. */
    @Override
    void close();
  }
}
