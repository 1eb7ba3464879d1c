package org.ferrisdb.storage;

/**
 * The value files of an engine at an instant.
 *
 * @param files how many
 * @param bytes of all of them
 * @param usedBytes what of that is taken by values that tables refer to; the rest is garbage
 */
public record ValueStats(int files, long bytes, long usedBytes) {
  /** None. */
  public static final ValueStats NONE = new ValueStats(0, 0, 0);
}
