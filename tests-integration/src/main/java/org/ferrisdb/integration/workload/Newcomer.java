package org.ferrisdb.integration.workload;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.client.FerrisException;

/**
 * The connection of an impatient client, one that begins anew when a call takes long, and every
 * second or so, as programs do that are restarted: it believes whom it happens to ask. Beside
 * clients that have been there for long and stay with the leader they know, it is what makes the
 * answers of an old leader show: some have just found the new one, and others come to the old one
 * just now.
 *
 * <p>For one thread, the client's; {@link #close} comes when that has ended.
 */
public final class Newcomer implements Supplier<Ferris>, AutoCloseable {
  /** Shorter than the time in which an old leader notices that it is none any more. */
  private static final Duration SHORTEST = Duration.ofMillis(400);

  private static final Duration LONGEST = Duration.ofMillis(2_500);

  /** Of its calls. */
  public static final Duration DEADLINE = Duration.ofMillis(300);

  private final Supplier<Ferris> connect;
  private final Random random;
  private final LongSupplier nanoTime;
  private Ferris now;
  private long due;
  private long lastAsked;

  /**
   * Connects for the first time.
   *
   * @param connect makes a connection, each time through an entrance of its choice; may fail
   * @param random when the next one is due
   */
  public Newcomer(Supplier<Ferris> connect, Random random, LongSupplier nanoTime) {
    this.connect = connect;
    this.random = random;
    this.nanoTime = nanoTime;
    this.now = connect.get();
    this.due = nextDue();
    this.lastAsked = nanoTime.getAsLong();
  }

  private long nextDue() {
    long millis = random.nextLong(SHORTEST.toMillis(), LONGEST.toMillis());
    return nanoTime.getAsLong() + TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /** The connection for the next call; where nobody answers, the old one has to do. */
  @Override
  public Ferris get() {
    long asked = nanoTime.getAsLong();
    boolean slow = asked - lastAsked >= DEADLINE.toNanos(); // or there was little to do
    if (slow || asked - due >= 0) {
      try {
        Ferris fresh = connect.get();
        now.close();
        now = fresh;
      } catch (FerrisException e) {
        // Its entrance is down; the next time it may be another.
      }
      due = nextDue();
    }
    lastAsked = nanoTime.getAsLong();
    return now.withDeadline(DEADLINE);
  }

  @Override
  public void close() {
    now.close();
  }
}
