package org.ferrisdb.client;

import java.util.Optional;

/** How a conditional write ended: it was applied, or a condition did not hold and nothing was. */
public sealed interface WriteResult {
  /** Whether it was applied. */
  boolean applied();

  /**
   * Applied, atomically.
   *
   * @param version the version that every key written now has
   */
  record Applied(Version version) implements WriteResult {
    @Override
    public boolean applied() {
      return true;
    }
  }

  /**
   * A condition did not hold: nothing was changed.
   *
   * @param condition which one, counted from 0 in the order they were given
   * @param actual the version of the value that stood there, if there was one
   */
  record ConditionFailed(int condition, Optional<Version> actual) implements WriteResult {
    @Override
    public boolean applied() {
      return false;
    }
  }
}
