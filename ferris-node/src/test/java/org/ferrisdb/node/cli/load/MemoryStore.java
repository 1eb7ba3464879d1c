package org.ferrisdb.node.cli.load;

import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A correct store; tests override what they want to be wrong. */
class MemoryStore implements Store {
  final TreeMap<byte[], Stored> map = new TreeMap<>(Arrays::compareUnsigned);
  private long lastVersion;

  /** Writes as if another attempt of an earlier write came late. */
  final synchronized long write(byte[] key, byte[] value) {
    map.put(key, new Stored(value, ++lastVersion));
    return lastVersion;
  }

  @Override
  public synchronized long put(byte[] key, byte[] value) {
    return write(key, value);
  }

  @Override
  public synchronized Optional<Stored> get(byte[] key) {
    return Optional.ofNullable(map.get(key));
  }

  @Override
  public synchronized OptionalLong compareAndSet(byte[] key, long expected, byte[] value) {
    @Nullable Stored stored = map.get(key);
    long version = stored == null ? 0 : stored.version();
    return version == expected ? OptionalLong.of(write(key, value)) : OptionalLong.empty();
  }

  @Override
  public CompletionStage<?> putAsync(byte[] key, byte[] value) {
    return CompletableFuture.completedFuture(put(key, value));
  }

  @Override
  public CompletionStage<?> getAsync(byte[] key) {
    return CompletableFuture.completedFuture(get(key));
  }

  @Override
  public synchronized int scan(byte[] from, int limit) {
    return (int) map.tailMap(from, true).keySet().stream().limit(limit).count();
  }

  @Override
  public synchronized void scanAll(EntryConsumer consumer) {
    map.forEach((k, s) -> consumer.accept(k, s.value(), s.version()));
  }

  @Override
  public void close() {}
}
