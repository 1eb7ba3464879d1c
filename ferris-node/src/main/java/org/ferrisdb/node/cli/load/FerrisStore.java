package org.ferrisdb.node.cli.load;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.CloseableIterator;
import org.ferrisdb.client.Entry;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.client.FerrisException;
import org.ferrisdb.client.FerrisOptions;
import org.ferrisdb.client.KeyRange;
import org.ferrisdb.client.Outcome;
import org.ferrisdb.client.Version;
import org.ferrisdb.client.WriteResult;

/** The real store: the client library. */
public final class FerrisStore implements Store {
  private final Ferris ferris;

  private FerrisStore(Ferris ferris) {
    this.ferris = ferris;
  }

  /** Connects. */
  public static FerrisStore open(String url, Duration deadline, String name) {
    return new FerrisStore(
        Ferris.connect(
            url,
            FerrisOptions.defaults()
                .withDeadline(deadline)
                .withConnectTimeout(deadline)
                .withName("ferris-" + name)));
  }

  private static <T> T call(Supplier<T> operation) {
    try {
      return operation.get();
    } catch (FerrisException e) {
      throw new StoreException(String.valueOf(e.getMessage()), e.outcome() == Outcome.UNKNOWN, e);
    }
  }

  @Override
  public long put(byte[] key, byte[] value) {
    return call(() -> ferris.put(Bytes.ofBytes(key), Bytes.ofBytes(value))).value();
  }

  @Override
  public Optional<Stored> get(byte[] key) {
    return call(() -> ferris.get(Bytes.ofBytes(key)))
        .map(e -> new Stored(e.value().toByteArray(), e.version().value()));
  }

  @Override
  public OptionalLong compareAndSet(byte[] key, long expectedVersion, byte[] value) {
    Bytes k = Bytes.ofBytes(key);
    Bytes v = Bytes.ofBytes(value);
    WriteResult result =
        call(() ->
            expectedVersion == 0
                ? ferris.putIfAbsent(k, v)
                : ferris.compareAndSet(k, new Version(expectedVersion), v));
    return switch (result) {
      case WriteResult.Applied a -> OptionalLong.of(a.version().value());
      case WriteResult.ConditionFailed _ -> OptionalLong.empty();
    };
  }

  @Override
  public CompletionStage<?> putAsync(byte[] key, byte[] value) {
    return call(() -> ferris.async().put(Bytes.ofBytes(key), Bytes.ofBytes(value)));
  }

  @Override
  public CompletionStage<?> getAsync(byte[] key) {
    return call(() -> ferris.async().get(Bytes.ofBytes(key)));
  }

  @Override
  public int scan(byte[] from, int limit) {
    KeyRange range = KeyRange.from(Bytes.ofBytes(from));
    int count = 0;
    try (CloseableIterator<Entry> entries = ferris.scan(range).limit(limit).iterator()) {
      while (entries.hasNext()) {
        entries.next();
        count++;
      }
    } catch (FerrisException e) {
      throw new StoreException(String.valueOf(e.getMessage()), false, e);
    }
    return count;
  }

  @Override
  public void scanAll(EntryConsumer consumer) {
    try (CloseableIterator<Entry> entries = ferris.scan(KeyRange.all()).iterator()) {
      while (entries.hasNext()) {
        Entry e = entries.next();
        consumer.accept(e.key().toByteArray(), e.value().toByteArray(), e.version().value());
      }
    } catch (FerrisException e) {
      throw new StoreException(String.valueOf(e.getMessage()), false, e);
    }
  }

  @Override
  public void close() {
    ferris.close();
  }
}
