package org.ferrisdb.benchmarks.cluster;

import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.ferrisdb.node.cli.load.Store;
import org.ferrisdb.node.cli.load.StoreException;

/**
 * What the race needs of a store, and no more: versions, conditions and whole scans belong to
 * FerrisDB's own checks, which do not run here. Thread-safe.
 */
public abstract class PeerStore implements Store {
  /** Longer than any of them takes to elect a leader; FerrisDB's calls have the same deadline. */
  private static final long DEADLINE_SECONDS = 10;

  /** For subclasses. */
  protected PeerStore() {}

  /** Waits for an answer as an application would. */
  protected static <T> T await(Future<T> future) {
    try {
      return future.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new StoreException(String.valueOf(cause.getMessage()), true, cause);
    } catch (TimeoutException e) {
      throw new StoreException("no answer within " + DEADLINE_SECONDS + " s", true, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException("interrupted", true, e);
    }
  }

  @Override
  public final OptionalLong compareAndSet(byte[] key, long expectedVersion, byte[] value) {
    throw new UnsupportedOperationException("no part of the race");
  }

  @Override
  public final void scanAll(EntryConsumer consumer) {
    throw new UnsupportedOperationException("no part of the race");
  }
}
