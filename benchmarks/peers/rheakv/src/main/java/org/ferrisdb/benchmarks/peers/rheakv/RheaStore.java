package org.ferrisdb.benchmarks.peers.rheakv;

import com.alipay.sofa.jraft.rhea.client.RheaIterator;
import com.alipay.sofa.jraft.rhea.client.RheaKVStore;
import com.alipay.sofa.jraft.rhea.storage.KVEntry;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.ferrisdb.benchmarks.cluster.PeerStore;
import org.ferrisdb.node.cli.load.StoreException;
import org.jspecify.annotations.Nullable;

/** Reads are RheaKV's default ones: a read index at the leader. It has no versions. */
final class RheaStore extends PeerStore {
  private final RheaKVStore store;

  RheaStore(RheaKVStore store) {
    this.store = store;
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

  /** A put that was refused answers false. */
  @Override
  public CompletableFuture<Boolean> putAsync(byte[] key, byte[] value) {
    return store
        .put(key, value)
        .thenApply(done -> {
          if (!done) {
            throw new StoreException("the put was refused", false, null);
          }
          return true;
        });
  }

  @Override
  public CompletableFuture<byte[]> getAsync(byte[] key) {
    return store.get(key);
  }

  /** The iterator fetches as many entries at once as its last argument says. */
  @Override
  public int scan(byte[] from, int limit) {
    RheaIterator<KVEntry> entries = store.iterator(from, null, limit);
    int count = 0;
    while (count < limit && entries.hasNext()) {
      entries.next();
      count++;
    }
    return count;
  }

  @Override
  public void close() {
    store.shutdown();
  }
}
