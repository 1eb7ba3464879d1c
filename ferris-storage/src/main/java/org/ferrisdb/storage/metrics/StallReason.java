package org.ferrisdb.storage.metrics;

/** Why a writer had to wait. */
public enum StallReason {
  /** Slowed down: compaction of level 0 is behind. */
  LEVEL0,
  /** Slowed down: memtables wait for their flush. */
  IMMUTABLE_MEMTABLES,
  /** Slowed down: the memtables of all engines together are near their limit. */
  MEMORY_BUDGET,
  /** Stopped at one of these limits, until a flush or compaction has ended. */
  STOPPED
}
