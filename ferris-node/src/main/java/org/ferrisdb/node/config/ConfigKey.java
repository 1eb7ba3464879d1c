package org.ferrisdb.node.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The one table of settings; help and documentation are printed from it. */
public enum ConfigKey {
  NODE_NAME(
      "node.name",
      "n1",
      "The node's name, unique in its cluster; metrics and status show it. A new (empty) node under an old name takes its place."),
  DATA_DIR(
      "data.dir", "data", "Where everything is kept. One process at a time; on one file system."),
  CLIENT_LISTEN(
      "client.listen",
      "127.0.0.1:7001",
      "Where clients and other nodes connect. No TLS and no authentication yet: keep it on a loopback or private address."),
  RAFT_LISTEN("raft.listen", "127.0.0.1:7101", "Where Raft listens for the other nodes."),
  HTTP_LISTEN(
      "http.listen",
      "127.0.0.1:7201",
      "Where the web console, /metrics, /health and /status are served."),
  CLIENT_ADVERTISE("client.advertise", "", "How others reach client.listen; empty: the same."),
  CLIENT_NETWORKS(
      "client.networks",
      "",
      "Further addresses of client.listen for clients that can not use client.advertise, by names of networks, comma-separated: outside=db1.example.com:7001. A client that connects to one of them is told the addresses of that network for all nodes; set it on all of them."),
  RAFT_ADVERTISE("raft.advertise", "", "How others reach raft.listen; empty: the same."),
  HTTP_ADVERTISE("http.advertise", "", "How others reach http.listen; empty: the same."),
  SEEDS(
      "cluster.seeds",
      "",
      "Client addresses of the initial nodes, this one included, the same list in the same order on each; empty: this node alone."),
  INITIAL_NODES(
      "cluster.initial-nodes",
      "0",
      "How many of the seeds, counted from the first, form the cluster; 0: all."),
  SHARDS(
      "cluster.shards", "4", "Shards of a new cluster (1 to 256); an existing one keeps its own."),
  SPLIT_KEYS(
      "cluster.split-keys",
      "",
      "Where a new cluster is split, comma-separated and ascending, one fewer than shards; bytes as \\xNN; empty: evenly."),
  MEMORY_BUDGET(
      "memory.budget",
      "0",
      "Bytes for caches, memtables and buffers together; 0: what the JVM was given (-Xmx)."),
  LIMIT_CONNECTIONS("limits.connections", "1000", "Connections at a time; one more is refused."),
  LIMIT_CONNECTION_REQUESTS(
      "limits.connection-requests",
      "4096",
      "Unanswered requests of one connection; at the limit it is not read from."),
  LIMIT_CONNECTION_BYTES(
      "limits.connection-bytes",
      "32m",
      "Bytes of one connection's unanswered requests; at the limit it is not read from."),
  LIMIT_NODE_BYTES(
      "limits.node-bytes",
      "0",
      "Bytes of all unanswered requests and unsent answers; over it requests are refused (OVERLOADED). 0: an eighth of the memory budget."),
  RETENTION("retention", "10m", "How long old versions stay readable."),
  ELECTION_MIN(
      "raft.election-timeout-min",
      "600ms",
      "A follower that hears nothing for a random time between min and max asks for votes."),
  ELECTION_MAX("raft.election-timeout-max", "1000ms", "See raft.election-timeout-min."),
  LEASE(
      "raft.lease",
      "500ms",
      "How long a leader may answer reads after its last committed entry; below raft.election-timeout-min."),
  LOG_BYTES(
      "raft.log-bytes",
      "64m",
      "A shard's Raft log that has grown by this much since the last time is flushed and purged."),
  KEEP_ENTRIES(
      "raft.keep-entries",
      "20000",
      "Entries kept behind the last flush, so that a follower shortly away need not fetch a checkpoint."),
  SLOW_OPERATION(
      "slow.operation",
      "500ms",
      "Requests that take longer are logged, with shard and the stages their time went to."),
  DISK_RESERVE(
      "disk.reserve",
      "64m",
      "With less free space than this the node refuses writes (DISK_FULL) until there is more again."),
  BACKGROUND_THREADS("storage.background-threads", "2", "Threads for flush and compaction."),
  COMPACTION_RATE(
      "storage.compaction-bytes-per-second",
      "0",
      "What the compactions of all shards may write in a second; flushes are counted and never wait. 0: no limit."),
  COMPRESSION(
      "storage.compression",
      "lz4",
      "What blocks of tables are compressed with, none, lz4 or zstd. A change holds for tables written from then on; all can be read."),
  BOTTOM_COMPRESSION(
      "storage.bottom-compression",
      "",
      "The same for the deepest level of each shard, where most of the data is; not less than storage.compression. zstd there saves space, and costs CPU in compactions and in reads that miss the cache. Empty: the same."),
  LOG_LEVEL("log.level", "info", "error, warn, info, debug or trace."),
  LOG_CONSOLE(
      "log.console", "true", "Whether the log goes to standard error as well as to data.dir/log.");

  private final String key;
  private final String defaultValue;
  private final String doc;

  ConfigKey(String key, String defaultValue, String doc) {
    this.key = key;
    this.defaultValue = defaultValue;
    this.doc = doc;
  }

  /** Its name in files and flags. */
  public String key() {
    return key;
  }

  /** What holds where nothing is set. */
  public String defaultValue() {
    return defaultValue;
  }

  /** What it does, a sentence or two. */
  public String doc() {
    return doc;
  }

  /** Its name in the environment. */
  public String environmentName() {
    return "FERRIS_" + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  /** The key of that name. */
  public static Optional<ConfigKey> named(String name) {
    return Arrays.stream(values()).filter(k -> k.key.equals(name)).findFirst();
  }

  /** The table as text, for help and documentation. */
  public static String table() {
    StringBuilder out = new StringBuilder();
    for (ConfigKey k : values()) {
      out.append(k.key).append(" (").append(k.environmentName()).append("), default ");
      out.append(k.defaultValue.isEmpty() ? "empty" : k.defaultValue).append('\n');
      out.append("    ").append(k.doc).append('\n');
    }
    return out.toString();
  }
}
