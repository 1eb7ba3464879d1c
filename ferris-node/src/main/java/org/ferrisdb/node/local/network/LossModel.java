package org.ferrisdb.node.local.network;

import java.util.random.RandomGenerator;

/**
 * What lost packets look like to those who speak TCP: not as gaps, but as stalls, since everything
 * after a lost packet waits until it has been sent again, and seldom as a broken connection. Pure
 * but for the randomness.
 */
final class LossModel {
  /** Linux waits at least this long before it sends a packet again, and twice as long each time. */
  static final long RETRANSMIT_NANOS = 200_000_000;

  /** Real systems try for minutes; what is heard of no more for 6 s has been given up by all. */
  static final int MAX_RETRANSMISSIONS = 5;

  /** What {@link #stallNanos} returns for a connection that breaks. */
  static final long BROKEN = -1;

  private static final int PACKET_BYTES = 1_448;

  private LossModel() {}

  /**
   * How much later a piece of data arrives.
   *
   * @param bytes its size
   * @param loss share of packets that get lost each time they are sent
   * @return nanoseconds, or {@link #BROKEN}
   */
  static long stallNanos(int bytes, double loss, RandomGenerator random) {
    if (loss <= 0) {
      return 0;
    }
    long longest = 0;
    for (int left = bytes; left > 0; left -= PACKET_BYTES) {
      long stall = 0;
      int lost = 0;
      while (random.nextDouble() < loss) {
        if (lost == MAX_RETRANSMISSIONS) {
          return BROKEN;
        }
        stall += RETRANSMIT_NANOS << lost++;
      }
      longest = Math.max(longest, stall);
    }
    return longest;
  }
}
