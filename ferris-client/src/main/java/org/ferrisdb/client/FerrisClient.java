package org.ferrisdb.client;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** The synchronous API: starts a call and waits for its future. */
final class FerrisClient implements Ferris {
  private final ClientCore core;
  private final Calls calls;
  private final Waiter waiter;
  private final AsyncFerris async;
  private final boolean owner;

  private FerrisClient(ClientCore core, Duration deadline, boolean owner) {
    this.core = core;
    this.calls = new Calls(core, deadline.toNanos(), true);
    this.waiter = new Waiter(core);
    this.async = new AsyncClient(new Calls(core, deadline.toNanos(), false));
    this.owner = owner;
  }

  static Ferris connect(FerrisUri uri, FerrisOptions options) {
    // The id of this client among all clients ever: 128 bits that nobody can draw twice.
    return connect(uri, options, new SecureRandom());
  }

  static Ferris connect(FerrisUri uri, FerrisOptions options, RandomGenerator random) {
    FerrisOptions effective =
        options.network().isEmpty() ? options.withNetwork(uri.network()) : options;
    ClientCore core = new ClientCore(effective, random);
    try {
      Connector connector = new Connector(core, uri);
      core.connect(connector);
      new Waiter(core)
          .await(connector.future(), options.connectTimeout().toNanos(), false, "connect " + uri);
    } catch (RuntimeException e) {
      core.close();
      throw e;
    }
    return new FerrisClient(core, options.deadline(), true);
  }

  private <T> T await(String what, boolean write, Supplier<CompletableFuture<T>> start) {
    waiter.check();
    return waiter.await(start.get(), calls.timeoutNanos, write, what);
  }

  @Override
  public Version put(Bytes key, Bytes value) {
    return await("put", true, () -> calls.put(key, value));
  }

  @Override
  public WriteResult putIfAbsent(Bytes key, Bytes value) {
    return await("putIfAbsent", true, () -> calls.putIfAbsent(key, value));
  }

  @Override
  public Optional<Entry> get(Bytes key) {
    return await("get", false, () -> calls.get(key, 0));
  }

  @Override
  public Optional<Entry> get(Bytes key, Version at) {
    return await("get", false, () -> calls.get(key, at.value()));
  }

  @Override
  public Map<Bytes, Entry> getAll(Collection<Bytes> keys) {
    return await("getAll", false, () -> calls.getAll(keys, 0));
  }

  @Override
  public Map<Bytes, Entry> getAll(Collection<Bytes> keys, Version at) {
    return await("getAll", false, () -> calls.getAll(keys, at.value()));
  }

  @Override
  public Version delete(Bytes key) {
    return await("delete", true, () -> calls.delete(key));
  }

  @Override
  public WriteResult compareAndSet(Bytes key, Bytes expected, Bytes value) {
    return await("compareAndSet", true, () -> calls.compareAndSet(key, expected, value));
  }

  @Override
  public WriteResult compareAndSet(Bytes key, Version expected, Bytes value) {
    return await("compareAndSet", true, () -> calls.compareAndSet(key, expected, value));
  }

  @Override
  public WriteResult batch(Batch batch) {
    return await("batch", true, () -> calls.batch(batch));
  }

  @Override
  public Scan scan(KeyRange range) {
    return new Scan(calls, waiter, calls.scan(range));
  }

  @Override
  public Scan scanPrefix(Bytes prefix) {
    return scan(KeyRange.prefix(prefix));
  }

  @Override
  public Version now() {
    return await("now", false, () -> calls.timestamp(calls.timeoutNanos));
  }

  @Override
  public AsyncFerris async() {
    return async;
  }

  @Override
  public Ferris withDeadline(Duration deadline) {
    FerrisOptions checked = core.options().withDeadline(deadline);
    return new FerrisClient(core, checked.deadline(), false);
  }

  @Override
  public ClusterInfo clusterInfo() {
    return await("clusterInfo", false, calls::clusterInfo);
  }

  @Override
  public List<ClusterInfo.NodeStatus> nodeStatuses() {
    return await("nodeStatuses", false, calls::nodeStatuses);
  }

  @Override
  public void close() {
    if (owner) {
      core.close();
    }
  }
}
