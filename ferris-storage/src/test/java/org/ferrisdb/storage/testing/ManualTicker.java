package org.ferrisdb.storage.testing;

import java.util.ArrayList;
import java.util.List;
import org.ferrisdb.storage.flow.Ticker;

/** Time that passes only when told to, or when somebody sleeps. */
public final class ManualTicker implements Ticker {
  private final List<Long> sleeps = new ArrayList<>();
  private long nanos = 1_000_000_007;

  @Override
  public synchronized long nanos() {
    return nanos;
  }

  @Override
  public synchronized void sleep(long length) {
    sleeps.add(length);
    nanos += length;
  }

  /** Lets time pass. */
  public synchronized void advance(long length) {
    nanos += length;
  }

  /** How long each sleep was, in nanoseconds. */
  public synchronized List<Long> sleeps() {
    return List.copyOf(sleeps);
  }
}
