package org.ferrisdb.integration.torture;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * When a fault strikes and when it is healed, within the time of a cell. Pure.
 *
 * <pre>
 *   |  calm  | strike ... heal | rest | strike ... heal | rest ... |  tail  |
 *     1-2 s        3-8 s         2-4 s
 * </pre>
 *
 * The tail belongs to the load alone: an outage that does not end after healing shows there.
 */
final class Rhythm {
  private static final int CALM_MILLIS = 1_000;
  private static final int SHORTEST_STRIKE_MILLIS = 3_000;
  private static final int LONGEST_STRIKE_MILLIS = 8_000;
  private static final int SHORTEST_REST_MILLIS = 2_000;
  private static final int TAIL_MILLIS = 5_000;

  /** A strike shorter than every lease and timeout would show nothing. */
  private static final int LEAST_MILLIS = 1_500;

  private Rhythm() {}

  /**
   * One strike.
   *
   * @param strikeMillis when it begins, since the load began
   * @param healMillis when it is healed
   */
  record Beat(int strikeMillis, int healMillis) {}

  /** The strikes of a cell; at least one, however short it is. */
  static List<Beat> of(int seconds, Random random) {
    int total = seconds * 1_000;
    int end = total - Math.min(TAIL_MILLIS, total / 4);
    List<Beat> beats = new ArrayList<>();
    int at = Math.min(CALM_MILLIS + random.nextInt(CALM_MILLIS), total / 4);
    while (at + LEAST_MILLIS <= end || beats.isEmpty()) {
      int length =
          SHORTEST_STRIKE_MILLIS + random.nextInt(LONGEST_STRIKE_MILLIS - SHORTEST_STRIKE_MILLIS);
      int heal = Math.min(at + length, Math.max(end, at + 1));
      beats.add(new Beat(at, heal));
      at = heal + SHORTEST_REST_MILLIS + random.nextInt(SHORTEST_REST_MILLIS);
    }
    return beats;
  }
}
