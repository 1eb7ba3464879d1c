package org.ferrisdb.integration.cluster;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ferrisdb.node.health.Health;

/**
 * A cluster that is there to be broken: its nodes, and every handle by which a fault takes hold of
 * them. What a kind of cluster, or this machine, can not do is told by {@link #unsupported}; doing
 * it all the same throws {@link UnsupportedOperationException} with that reason.
 *
 * <p>Faults of different nodes may come from different threads; those of one node from one thread
 * at a time. Nodes have the names n1, n2, ..., whatever stands behind them.
 */
public interface Cluster extends AutoCloseable {
  /** What it is made of, in a word: {@code processes}, {@code compose}. */
  String kind();

  /** The nodes by name, n1 first; never changes. */
  List<String> nodes();

  /**
   * What a client connects to. Where there are proxies before the front doors, it goes through
   * them: {@link Network#CLIENTS} names its end.
   */
  String url();

  /** The same with one node as the entrance. A client follows leaders, so it may leave it later. */
  String url(String node);

  /** Every shard's number as last told; 0 is meta. Waits for the very first answer. */
  List<Long> shards();

  /** The node that says that it leads the shard (0: meta), if one does. */
  Optional<String> leaderOf(long shard);

  /** How the nodes that answer see it. */
  Health health();

  /**
   * Waits until every node is up and every shard has all its replicas and a leader.
   *
   * @throws AssertionError with the last verdict and the ends of the logs, if that takes longer
   */
  void awaitHealthy(Duration patience);

  // ---- processes --------------------------------------------------------------------------------

  /** Ends the node's process with SIGKILL; one that does not run is left alone. */
  void kill(String node);

  /** Starts it, if it does not run; returns at once. */
  void start(String node);

  /** Ends it the friendly way: leaderships are handed over first. Returns when it is gone. */
  void stop(String node);

  /** Stops its process in mid-air; its sockets stay open. */
  void pause(String node);

  /** Lets a paused one go on. */
  void resume(String node);

  /** Nodes whose process does not run, or is paused. */
  Set<String> down();

  /** Asks the leader of a shard to hand over to another node; false if it can not or will not. */
  boolean transferLeadership(long shard, String to);

  // ---- what is around them ----------------------------------------------------------------------

  /** What is between the nodes, and between them and the clients. */
  Network network();

  /** The node's data directory. */
  Disk disk(String node);

  /** What the node takes for the time of day. */
  WallClock clock(String node);

  /** Why this fault can not be had here, in one line with the remedy; empty if it can. */
  Optional<String> unsupported(Fault fault);

  // ---- what became of them ----------------------------------------------------------------------

  /**
   * What every replica says of its state, by shard (0: meta) and node; one that does not answer is
   * missing. Those that are behind have other indexes.
   */
  Map<Long, Map<String, ReplicaDigest>> replicaDigests();

  /** Copies what the nodes logged and printed below a directory, one directory a node. */
  void collectLogs(Path directory) throws IOException;

  /** Ends every process and removes every trace, mounts and addresses included. */
  @Override
  void close();
}
