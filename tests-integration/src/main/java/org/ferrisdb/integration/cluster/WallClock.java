package org.ferrisdb.integration.cluster;

import java.time.Duration;

/** What one node takes for the time of day; the machine's own clock is never touched. */
public interface WallClock {
  /** Sets it to the true time and this much more; at once, also of a node that runs. */
  void offset(Duration offset);

  /** Back to the true time. */
  default void heal() {
    offset(Duration.ZERO);
  }
}
