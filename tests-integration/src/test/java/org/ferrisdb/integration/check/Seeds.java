package org.ferrisdb.integration.check;

/** Seeds for random tests: some fixed, one new, which is printed; -Dferris.seed repeats it. */
final class Seeds {
  private Seeds() {}

  static long[] some(int fixed) {
    long fresh = Long.getLong("ferris.seed", System.nanoTime());
    System.out.println("seed " + fresh);
    long[] seeds = new long[fixed + 1];
    for (int i = 0; i < fixed; i++) {
      seeds[i] = i;
    }
    seeds[fixed] = fresh;
    return seeds;
  }
}
