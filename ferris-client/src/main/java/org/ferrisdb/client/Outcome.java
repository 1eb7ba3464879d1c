package org.ferrisdb.client;

/**
 * What a failed call means for the data. (A call that did not fail was applied, or says itself that
 * a condition did not hold.)
 */
public enum Outcome {
  /** Nothing was changed by this call, and nothing will be. Reads always end like this. */
  NOT_APPLIED,
  /**
   * The write may have been applied, or may yet be within the next seconds. Read the key to find
   * out, or write again if doing it twice does no harm.
   */
  UNKNOWN
}
