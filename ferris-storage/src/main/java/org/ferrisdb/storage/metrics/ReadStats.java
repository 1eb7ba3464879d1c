package org.ferrisdb.storage.metrics;

/**
 * What gets have cost since open; a count may be short by a few in a million, see {@link
 * StripedCounters}.
 *
 * @param gets single keys asked for
 * @param tables tables asked for them: those whose key range holds the key, until it was found
 * @param filterNegatives of these, how many the filter answered alone
 * @param filterFalsePositives how many the filter let pass and that had nothing; one that has only
 *     versions newer than the get's timestamp counts too
 */
public record ReadStats(long gets, long tables, long filterNegatives, long filterFalsePositives) {
  /** Tables whose blocks a get has looked into, on average; 0 before the first get. */
  public double readAmplification() {
    return gets == 0 ? 0 : (double) (tables - filterNegatives) / gets;
  }
}
