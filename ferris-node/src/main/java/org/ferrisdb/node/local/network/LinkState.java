package org.ferrisdb.node.local.network;

/**
 * What befalls data in one direction between two nodes.
 *
 * @param cut it gets lost, all of it
 * @param delayNanos it arrives later by that much at least
 * @param jitterNanos and by that much more at most, evenly spread
 * @param loss share of packets that get lost once, 0 to 1
 */
record LinkState(boolean cut, long delayNanos, long jitterNanos, double loss) {
  /** Nothing befalls it. */
  static final LinkState CLEAR = new LinkState(false, 0, 0, 0);

  LinkState {
    if (delayNanos < 0 || jitterNanos < 0 || !(loss >= 0 && loss <= 1)) {
      throw new IllegalArgumentException(
          "delay " + delayNanos + " ns, jitter " + jitterNanos + " ns, loss " + loss);
    }
  }

  LinkState withCut() {
    return new LinkState(true, delayNanos, jitterNanos, loss);
  }

  LinkState withDelay(long nanos, long jitter) {
    return new LinkState(cut, nanos, jitter, loss);
  }

  LinkState withLoss(double share) {
    return new LinkState(cut, delayNanos, jitterNanos, share);
  }
}
