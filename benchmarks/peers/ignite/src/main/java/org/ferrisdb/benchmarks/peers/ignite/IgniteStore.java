package org.ferrisdb.benchmarks.peers.ignite;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.ignite.client.IgniteClient;
import org.apache.ignite.table.KeyValueView;
import org.ferrisdb.benchmarks.cluster.PeerStore;
import org.ferrisdb.node.cli.load.StoreException;
import org.jspecify.annotations.Nullable;

/** Each operation is a transaction of its own, as Ignite's are without one. It has no versions. */
final class IgniteStore extends PeerStore {
  private final IgniteClient client;
  private final KeyValueView<byte[], byte[]> table;

  IgniteStore(IgniteClient client, KeyValueView<byte[], byte[]> table) {
    this.client = client;
    this.table = table;
  }

  @Override
  public long put(byte[] key, byte[] value) {
    var _ = await(putAsync(key, value));
    return 0;
  }

  @Override
  public Optional<Stored> get(byte[] key) {
    byte @Nullable [] value = await(getAsync(key));
    return value == null ? Optional.empty() : Optional.of(new Stored(value, 0));
  }

  @Override
  public CompletableFuture<Void> putAsync(byte[] key, byte[] value) {
    return table.putAsync(null, key, value);
  }

  @Override
  public CompletableFuture<byte[]> getAsync(byte[] key) {
    return table.getAsync(null, key);
  }

  @Override
  public int scan(byte[] from, int limit) {
    throw new StoreException("keys are hashed over partitions here", false, null);
  }

  @Override
  public void close() {
    client.close();
  }
}
