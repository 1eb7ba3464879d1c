package org.ferrisdb.benchmarks.peers.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.PutResponse;
import io.etcd.jetcd.options.GetOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.ferrisdb.benchmarks.cluster.PeerStore;

/** Reads are etcd's default ones: linearizable. */
final class EtcdStore extends PeerStore {
  /** etcd's way to say "to the last key". */
  private static final ByteSequence NO_END = ByteSequence.from(new byte[1]);

  private final Client client;
  private final KV kv;

  EtcdStore(Client client) {
    this.client = client;
    this.kv = client.getKVClient();
  }

  @Override
  public long put(byte[] key, byte[] value) {
    return await(putAsync(key, value)).getHeader().getRevision();
  }

  @Override
  public Optional<Stored> get(byte[] key) {
    List<KeyValue> found = await(getAsync(key)).getKvs();
    return found.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Stored(found.getFirst().getValue().getBytes(), found.getFirst().getModRevision()));
  }

  @Override
  public CompletableFuture<PutResponse> putAsync(byte[] key, byte[] value) {
    return kv.put(ByteSequence.from(key), ByteSequence.from(value));
  }

  @Override
  public CompletableFuture<GetResponse> getAsync(byte[] key) {
    return kv.get(ByteSequence.from(key));
  }

  @Override
  public int scan(byte[] from, int limit) {
    GetOption option = GetOption.builder().withRange(NO_END).withLimit(limit).build();
    return await(kv.get(ByteSequence.from(from), option)).getKvs().size();
  }

  @Override
  public void close() {
    client.close();
  }
}
