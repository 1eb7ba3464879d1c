package org.ferrisdb.integration.cluster;

/** What not every cluster on every machine can do; see {@link Cluster#unsupported}. */
public enum Fault {
  /** {@link Network#cutOneWay}. */
  CUT_LINKS,
  /** {@link Network#slow}. */
  SLOW_LINKS,
  /** {@link Network#lossy}. */
  LOSSY_LINKS,
  /** {@link Network#reset}. */
  RESET_CONNECTIONS,
  /** {@link Network#refuse}. */
  REFUSED_LINKS,
  /** {@link Disk#wipe}. */
  WIPED_DISK,
  /** {@link Disk#fill}. */
  FULL_DISK,
  /** {@link Disk#slow}. */
  SLOW_DISK,
  /** {@link Disk#failSyncs}. */
  FAILING_FSYNC,
  /** {@link Disk#loseUnsynced}. */
  POWER_LOSS,
  /** {@link Disk#damage}. */
  DAMAGED_FILES,
  /** {@link WallClock#offset}. */
  CLOCK_STEPS
}
