package org.ferrisdb.node.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.ferrisdb.storage.LevelCompression;

/**
 * Everything a node is told, validated. Made by {@link ConfigReader}; immutable.
 *
 * @param name the node's name
 * @param dataDir where everything is kept
 * @param clientListen where the front door binds
 * @param raftListen where Raft binds
 * @param httpListen where HTTP binds
 * @param clientAdvertise how others reach the front door
 * @param networks how clients of named networks reach the front door
 * @param raftAdvertise how others reach Raft
 * @param httpAdvertise how others reach HTTP
 * @param seeds client addresses of the initial nodes, in the order that decides who forms the
 *     cluster
 * @param initialNodes how many of the seeds form it
 * @param shards shards of a new cluster
 * @param splitKeys where it is split, empty: evenly
 * @param memoryBudget bytes for caches, memtables and buffers; 0: what the JVM has
 * @param limits of the front door
 * @param retention how long old versions stay readable
 * @param electionTimeoutMin see raft.election-timeout-min
 * @param electionTimeoutMax see raft.election-timeout-max
 * @param leaseLength see raft.lease
 * @param logBytes see raft.log-bytes
 * @param keepEntries see raft.keep-entries
 * @param slowOperation requests slower than this are logged
 * @param diskReserve free bytes below which writes are refused
 * @param backgroundThreads for flush and compaction
 * @param compactionBytesPerSecond what compactions may write, 0: no limit
 * @param compression of tables, by level
 * @param logLevel error, warn, info, debug or trace
 * @param logConsole whether the log goes to standard error too
 * @param settings every value as written with its source
 */
public record NodeConfig(
    String name,
    Path dataDir,
    HostPort clientListen,
    HostPort raftListen,
    HostPort httpListen,
    HostPort clientAdvertise,
    SortedMap<String, String> networks,
    HostPort raftAdvertise,
    HostPort httpAdvertise,
    List<HostPort> seeds,
    int initialNodes,
    int shards,
    List<byte[]> splitKeys,
    long memoryBudget,
    Limits limits,
    Duration retention,
    Duration electionTimeoutMin,
    Duration electionTimeoutMax,
    Duration leaseLength,
    long logBytes,
    int keepEntries,
    Duration slowOperation,
    long diskReserve,
    int backgroundThreads,
    long compactionBytesPerSecond,
    LevelCompression compression,
    String logLevel,
    boolean logConsole,
    Map<ConfigKey, Setting> settings) {

  public NodeConfig {
    networks = Collections.unmodifiableSortedMap(new TreeMap<>(networks));
    seeds = List.copyOf(seeds);
    splitKeys = List.copyOf(splitKeys);
    settings = Map.copyOf(settings);
  }

  /**
   * Limits of the front door.
   *
   * @param connections at a time
   * @param connectionRequests unanswered, of one connection
   * @param connectionBytes of one connection's unanswered requests
   * @param nodeBytes of all unanswered requests and unsent answers; 0: derived from the budget
   */
  public record Limits(
      int connections, int connectionRequests, long connectionBytes, long nodeBytes) {}

  /** Every setting, one a line, with its source; what is printed at start. */
  public String describe() {
    StringBuilder out = new StringBuilder();
    for (ConfigKey k : ConfigKey.values()) {
      Setting s = settings.getOrDefault(k, new Setting(k.defaultValue(), "default"));
      out.append(k.key()).append(" = ").append(s.value());
      out.append("  # ").append(s.source()).append('\n');
    }
    return out.toString();
  }
}
