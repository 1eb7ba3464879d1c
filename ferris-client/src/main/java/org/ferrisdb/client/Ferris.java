package org.ferrisdb.client;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A connection to a FerrisDB cluster. Thread-safe; one is enough for a whole program, also for
 * thousands of (virtual) threads.
 *
 * <pre>{@code
 * try (Ferris ferris = Ferris.connect("ferris://127.0.0.1:7001,127.0.0.1:7002,127.0.0.1:7003")) {
 *   ferris.put(utf8("city/paris"), utf8("2102650"));
 *   Entry paris = ferris.get(utf8("city/paris")).orElseThrow();
 *   for (Entry city : ferris.scanPrefix(utf8("city/"))) {
 *     System.out.println(city.key().toUtf8() + " " + city.value().toUtf8());
 *   }
 * }
 * }</pre>
 *
 * <p>Every call ends by its deadline, with a result or with a {@link FerrisException} that says
 * what became of a write and what to do. Leaders that change and nodes that fail are dealt with
 * inside the call; a write is applied once, however often the library had to send it. Reads see
 * every write that was acknowledged before they began.
 */
public interface Ferris extends AutoCloseable {
  /**
   * Connects with the default options.
   *
   * @param uri {@code ferris://host:port,...}: some nodes of the cluster, see {@link FerrisUri}
   * @throws ConnectionFailedException if no address leads to a cluster within the connect timeout
   *     (5 s); it names each address and what is wrong with it
   * @throws InvalidRequestException if the URI can not be read
   */
  static Ferris connect(String uri) {
    return connect(uri, FerrisOptions.defaults());
  }

  /** Connects with options of your own; see {@link #connect(String)}. */
  static Ferris connect(String uri, FerrisOptions options) {
    return FerrisClient.connect(FerrisUri.parse(uri), options);
  }

  /**
   * Sets a key.
   *
   * @return the version the key now has
   */
  Version put(Bytes key, Bytes value);

  /** Sets a key if it has no value yet. */
  WriteResult putIfAbsent(Bytes key, Bytes value);

  /** The value of a key, if it has one. */
  Optional<Entry> get(Bytes key);

  /**
   * The value that a key had at a version: the newest that is not newer than it.
   *
   * @throws SnapshotUnavailableException if the cluster does not keep versions that old any more
   */
  Optional<Entry> get(Bytes key, Version at);

  /**
   * The entries of those of the keys that have a value, in the order of the collection; all read at
   * one moment, from all shards in parallel.
   */
  Map<Bytes, Entry> getAll(Collection<Bytes> keys);

  /** The same at a version, see {@link #get(Bytes, Version)}. */
  Map<Bytes, Entry> getAll(Collection<Bytes> keys, Version at);

  /**
   * Deletes a key, whether it has a value or not.
   *
   * @return the version of the deletion
   */
  Version delete(Bytes key);

  /** Sets a key if its value is exactly {@code expected}. */
  WriteResult compareAndSet(Bytes key, Bytes expected, Bytes value);

  /**
   * Sets a key if its value has exactly the version {@code expected}: nobody has written it since.
   */
  WriteResult compareAndSet(Bytes key, Version expected, Bytes value);

  /**
   * Applies several changes together, or none of them.
   *
   * @throws CrossShardBatchException if its keys lie in more than one shard
   */
  WriteResult batch(Batch batch);

  /** A scan over a range, to be refined and iterated. */
  Scan scan(KeyRange range);

  /** A scan over all keys that begin with {@code prefix}. */
  Scan scanPrefix(Bytes prefix);

  /** The cluster's time now: a version above every write acknowledged so far, to read at. */
  Version now();

  /** The same operations with futures; the same connection. */
  AsyncFerris async();

  /**
   * The same connection with another deadline for the calls made through it; closing it does
   * nothing.
   */
  Ferris withDeadline(Duration deadline);

  /** Shards, nodes and leaders. */
  ClusterInfo clusterInfo();

  /**
   * What each node says of itself; a node that does not answer within 2 s has a problem instead.
   */
  List<ClusterInfo.NodeStatus> nodeStatuses();

  /**
   * Closes the connections. Calls under way fail with {@link ClientClosedException}, whose outcome
   * tells what is known of them. No thread of the client is left when it returns. Idempotent.
   */
  @Override
  void close();
}
