package org.ferrisdb.client;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The operations of {@link Ferris} with futures: thousands may be under way at once from one
 * thread. Thread-safe.
 *
 * <p>Futures fail with the same {@link FerrisException}s, by the same deadlines. They are completed
 * on the client's one thread: callbacks should be short, and one that blocks (a synchronous call in
 * it is refused) belongs into {@code thenApplyAsync} with an executor of yours. Cancelling a future
 * recalls nothing: the write may be applied all the same.
 *
 * <p>At most {@link FerrisOptions#maxInFlight()} calls are under way, up to {@link
 * FerrisOptions#maxQueued()} more wait their turn, and one more than that fails at once with {@link
 * ThrottledException}: wait for earlier futures before you start more.
 */
public interface AsyncFerris {
  /** See {@link Ferris#put}. */
  CompletableFuture<Version> put(Bytes key, Bytes value);

  /** See {@link Ferris#putIfAbsent}. */
  CompletableFuture<WriteResult> putIfAbsent(Bytes key, Bytes value);

  /** See {@link Ferris#get(Bytes)}. */
  CompletableFuture<Optional<Entry>> get(Bytes key);

  /** See {@link Ferris#get(Bytes, Version)}. */
  CompletableFuture<Optional<Entry>> get(Bytes key, Version at);

  /** See {@link Ferris#getAll(Collection)}. */
  CompletableFuture<Map<Bytes, Entry>> getAll(Collection<Bytes> keys);

  /** See {@link Ferris#getAll(Collection, Version)}. */
  CompletableFuture<Map<Bytes, Entry>> getAll(Collection<Bytes> keys, Version at);

  /** See {@link Ferris#delete}. */
  CompletableFuture<Version> delete(Bytes key);

  /** See {@link Ferris#compareAndSet(Bytes, Bytes, Bytes)}. */
  CompletableFuture<WriteResult> compareAndSet(Bytes key, Bytes expected, Bytes value);

  /** See {@link Ferris#compareAndSet(Bytes, Version, Bytes)}. */
  CompletableFuture<WriteResult> compareAndSet(Bytes key, Version expected, Bytes value);

  /** See {@link Ferris#batch}. */
  CompletableFuture<WriteResult> batch(Batch batch);

  /**
   * One page of a scan. For the next, ask again with {@code scan.after(page.next().get()).spec()}
   * until {@code next} is empty; the limit of the scan counts per page.
   *
   * @param scan from {@link Scan#spec()}
   */
  CompletableFuture<ScanPage> scanPage(ScanSpec scan);

  /** See {@link Ferris#now}. */
  CompletableFuture<Version> now();

  /** See {@link Ferris#clusterInfo}. */
  CompletableFuture<ClusterInfo> clusterInfo();

  /** See {@link Ferris#nodeStatuses}. */
  CompletableFuture<List<ClusterInfo.NodeStatus>> nodeStatuses();
}
