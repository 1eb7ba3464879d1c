package org.ferrisdb.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.ferrisdb.client.AsyncFerris;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.Entry;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.client.FerrisOptions;
import org.ferrisdb.client.KeyRange;
import org.ferrisdb.client.Version;
import org.ferrisdb.node.embedded.EmbeddedCluster;
import org.ferrisdb.node.local.LocalCluster;

/**
 * A FerrisDB cluster inside this JVM, on free ports of 127.0.0.1 and with its files in a temporary
 * directory that {@link #close} deletes. These are real nodes: what is written is in a replicated,
 * synced log; nothing is mocked.
 *
 * <pre>{@code
 * try (EmbeddedFerris cluster = EmbeddedFerris.start();
 *     Ferris ferris = cluster.connect()) {
 *   ferris.put(utf8("city/paris"), utf8("2102650"));
 * }
 * }</pre>
 *
 * <p>Nodes are named n1, n2, ... Thread-safe; calls that change the cluster wait for each other.
 */
public final class EmbeddedFerris implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** Several nodes share one heap with the test, so each takes less than it would by itself. */
  private static final String MEMORY_BUDGET = "64m";

  /** Below what a client lets be under way, so that none is refused. */
  private static final int DELETED_AT_ONCE = 1_000;

  private final Path directory;
  private final EmbeddedCluster cluster;
  private final List<String> names = new ArrayList<>();

  private EmbeddedFerris(Path directory, int nodes, Map<String, String> settings) {
    this.directory = directory;
    this.cluster = new EmbeddedCluster(directory, nodes, settings);
    for (int i = 1; i <= nodes; i++) {
      names.add("n" + i);
    }
  }

  /** One node, ready. */
  public static EmbeddedFerris start() {
    return builder().start();
  }

  /** What to start; one node and two shards, unless told otherwise. */
  public static Builder builder() {
    return new Builder();
  }

  /** What a cluster is to be. */
  public static final class Builder {
    private final Map<String, String> settings = new LinkedHashMap<>();
    private int nodes = 1;

    private Builder() {
      settings.put("cluster.shards", "2");
      settings.put("memory.budget", MEMORY_BUDGET);
      // Tests run on full disks too.
      settings.put("disk.reserve", "1m");
    }

    /** How many nodes, 1 to 9; with 3 one may be lost. */
    public Builder nodes(int count) {
      if (count < 1 || count > 9) {
        throw new IllegalArgumentException(count + " nodes: an embedded cluster has 1 to 9");
      }
      nodes = count;
      return this;
    }

    /** How many shards the key space is cut into at first. */
    public Builder shards(int count) {
      settings.put("cluster.shards", Integer.toString(count));
      return this;
    }

    /** A setting of every node: see {@code ./ferris node --settings}. */
    public Builder setting(String key, String value) {
      settings.put(key, value);
      return this;
    }

    /** Settings of every node. */
    public Builder settings(Map<String, String> more) {
      settings.putAll(more);
      return this;
    }

    /**
     * Starts the cluster and waits until every node serves.
     *
     * @throws IllegalStateException if one does not within a minute
     */
    public EmbeddedFerris start() {
      Path directory;
      try {
        directory = Files.createTempDirectory("ferris-embedded-");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      EmbeddedFerris started = new EmbeddedFerris(directory, nodes, settings);
      try {
        started.startAll();
        return started;
      } catch (RuntimeException e) {
        started.close();
        throw e;
      }
    }
  }

  /** What a client connects to: {@code ferris://127.0.0.1:20001,...}. */
  public String url() {
    return cluster.url();
  }

  /** host:port at which a node serves metrics, health and status. */
  public String httpAddress(String node) {
    return "127.0.0.1:" + cluster.httpPort(checked(node));
  }

  /** Names of all nodes, whether they run or not. */
  public List<String> nodes() {
    return List.copyOf(names);
  }

  /** A new client; whoever asked for it closes it. */
  public Ferris connect() {
    return Ferris.connect(url());
  }

  /** A new client with options of one's own. */
  public Ferris connect(FerrisOptions options) {
    return Ferris.connect(url(), options);
  }

  /** Starts the nodes that do not run, and waits until all serve. */
  public synchronized void startAll() {
    cluster.start();
    awaitReady();
  }

  /** Starts a node again that was stopped or killed, and waits until it serves. */
  public synchronized void start(String node) {
    cluster.start(checked(node));
    awaitReady();
  }

  private void awaitReady() {
    try {
      cluster.awaitReady(PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while nodes were starting", e);
    }
  }

  /**
   * Ends a node as a crash would: no leadership is handed over, nothing is flushed. It keeps its
   * files for {@link #start(String)}.
   */
  public synchronized void kill(String node) {
    cluster.kill(checked(node));
  }

  /** Ends a node as its operator would. */
  public synchronized void stop(String node) {
    cluster.stop(checked(node));
  }

  /** The names of the nodes that run. */
  public synchronized List<String> running() {
    return cluster.runningNodes();
  }

  /** The node that leads the shard of a key, by name; waits until there is one. */
  public String leaderOf(Bytes key) {
    try (Ferris client = connect()) {
      client.get(key); // ends only when there is a leader
      var info = client.clusterInfo();
      String leader =
          info.shards().stream()
              .filter(s -> s.range().contains(key))
              .findFirst()
              .flatMap(s -> s.leader())
              .orElseThrow(() -> new IllegalStateException("nobody is known to lead " + key));
      return info.nodes().stream()
          .filter(n -> n.id().equals(leader))
          .map(n -> n.name())
          .findFirst()
          .orElseThrow();
    }
  }

  /** Deletes every key. */
  public void empty() {
    try (Ferris client = connect()) {
      AsyncFerris async = client.async();
      List<CompletableFuture<Version>> deletions = new ArrayList<>();
      for (Entry entry : client.scan(KeyRange.all()).keysOnly()) {
        deletions.add(async.delete(entry.key()));
        if (deletions.size() == DELETED_AT_ONCE) {
          deletions.forEach(CompletableFuture::join);
          deletions.clear();
        }
      }
      deletions.forEach(CompletableFuture::join);
    }
  }

  private String checked(String node) {
    if (!names.contains(node)) {
      throw new IllegalArgumentException("no node " + node + "; there are " + names);
    }
    return node;
  }

  /** Ends every node and deletes all files. */
  @Override
  public synchronized void close() {
    cluster.close();
    LocalCluster.deleteTree(directory);
  }
}
