package org.ferrisdb.client;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The asynchronous API: hands the calls' own futures out. */
final class AsyncClient implements AsyncFerris {
  private final Calls calls;

  AsyncClient(Calls calls) {
    this.calls = calls;
  }

  @Override
  public CompletableFuture<Version> put(Bytes key, Bytes value) {
    return calls.put(key, value);
  }

  @Override
  public CompletableFuture<WriteResult> putIfAbsent(Bytes key, Bytes value) {
    return calls.putIfAbsent(key, value);
  }

  @Override
  public CompletableFuture<Optional<Entry>> get(Bytes key) {
    return calls.get(key, 0);
  }

  @Override
  public CompletableFuture<Optional<Entry>> get(Bytes key, Version at) {
    return calls.get(key, at.value());
  }

  @Override
  public CompletableFuture<Map<Bytes, Entry>> getAll(Collection<Bytes> keys) {
    return calls.getAll(keys, 0);
  }

  @Override
  public CompletableFuture<Map<Bytes, Entry>> getAll(Collection<Bytes> keys, Version at) {
    return calls.getAll(keys, at.value());
  }

  @Override
  public CompletableFuture<Version> delete(Bytes key) {
    return calls.delete(key);
  }

  @Override
  public CompletableFuture<WriteResult> compareAndSet(Bytes key, Bytes expected, Bytes value) {
    return calls.compareAndSet(key, expected, value);
  }

  @Override
  public CompletableFuture<WriteResult> compareAndSet(Bytes key, Version expected, Bytes value) {
    return calls.compareAndSet(key, expected, value);
  }

  @Override
  public CompletableFuture<WriteResult> batch(Batch batch) {
    return calls.batch(batch);
  }

  @Override
  public CompletableFuture<ScanPage> scanPage(ScanSpec scan) {
    return calls.page(scan);
  }

  @Override
  public CompletableFuture<Version> now() {
    return calls.timestamp(calls.timeoutNanos);
  }

  @Override
  public CompletableFuture<ClusterInfo> clusterInfo() {
    return calls.clusterInfo();
  }

  @Override
  public CompletableFuture<List<ClusterInfo.NodeStatus>> nodeStatuses() {
    return calls.nodeStatuses();
  }
}
