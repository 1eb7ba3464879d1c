package org.ferrisdb.node.cli.load;

import java.util.random.RandomGenerator;

/**
 * Zipf-distributed numbers, scrambled: a few of the numbers from 0 to n-1 come very often, and
 * which ones has nothing to do with their order. As in YCSB, after Gray et al., "Quickly generating
 * billion-record synthetic databases" (1994), with exponent 0.99. Immutable.
 */
final class Zipf {
  /** YCSB's exponent: of 20,000 items the first gets some 9 % of all draws. */
  private static final double THETA = 0.99;

  private final int items;
  private final double zetaN;
  private final double alpha;
  private final double eta;
  private final double half;

  Zipf(int items) {
    if (items < 1) {
      throw new IllegalArgumentException("items " + items);
    }
    this.items = items;
    double zeta = 0;
    for (int i = 1; i <= items; i++) {
      zeta += 1 / Math.pow(i, THETA);
    }
    zetaN = zeta;
    alpha = 1 / (1 - THETA);
    half = Math.pow(0.5, THETA);
    double zeta2 = 1 + half;
    eta = (1 - Math.pow(2.0 / items, 1 - THETA)) / (1 - zeta2 / zetaN);
  }

  /** Rank of a draw: 0 is the most frequent. */
  int rank(RandomGenerator random) {
    double u = random.nextDouble();
    double uz = u * zetaN;
    if (uz < 1 || items == 1) {
      return 0;
    }
    if (uz < 1 + half || items == 2) {
      return 1;
    }
    return (int) Math.min(items - 1, (long) (items * Math.pow(eta * u - eta + 1, alpha)));
  }

  /** A draw: the rank, scattered over the items. */
  int next(RandomGenerator random) {
    return (int) Long.remainderUnsigned(mix(rank(random)), items);
  }

  /** A bijection of 64-bit numbers that leaves no pattern (the finalizer of SplitMix64). */
  static long mix(long z) {
    z += 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
