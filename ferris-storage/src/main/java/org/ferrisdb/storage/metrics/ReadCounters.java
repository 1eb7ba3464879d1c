package org.ferrisdb.storage.metrics;

/** What gets cost: how many tables they looked into, and what the filters saved them. */
public final class ReadCounters {
  private static final int GETS = 0;
  private static final int TABLES = 1;
  private static final int NEGATIVES = 2;
  private static final int FALSE_POSITIVES = 3;

  private final StripedCounters counters = new StripedCounters();

  /** A get begins. */
  public void get() {
    counters.increment(GETS);
  }

  /** A get asks a table whose key range holds the key. */
  public void table() {
    counters.increment(TABLES);
  }

  /** The table's filter knows that the key is not there. */
  public void filterNegative() {
    counters.increment(NEGATIVES);
  }

  /** The filter said maybe, and the table has nothing for this get. */
  public void filterFalsePositive() {
    counters.increment(FALSE_POSITIVES);
  }

  /** The figures so far. */
  public ReadStats stats() {
    return new ReadStats(
        counters.sum(GETS),
        counters.sum(TABLES),
        counters.sum(NEGATIVES),
        counters.sum(FALSE_POSITIVES));
  }
}
