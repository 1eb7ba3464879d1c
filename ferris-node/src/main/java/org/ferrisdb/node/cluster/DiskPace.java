package org.ferrisdb.node.cluster;

import java.time.Duration;
import java.util.Map;
import org.ferrisdb.raft.LogEnd;
import org.ferrisdb.shard.map.ShardId;

/**
 * Judges whether the disk keeps pace with the Raft logs. A look is bad if an entry that was in some
 * log at the look before, {@link Housekeeping} 250 ms earlier, is still not on disk. A leader with
 * such a disk can not hold its lease of 500 ms: an entry waits for the sync that is under way and
 * for its own. Its followers would do better, so it hands over; TiKV ("slow store") does the same.
 *
 * <p>One bad look is an accident. {@link #BAD_LOOKS} within {@link #WINDOW} looks are a slow disk,
 * and that it stays until it was not bad once for {@link #RECOVERY}. A process that stood still
 * itself learns nothing of its disk by that. Pure but for its memory; for one thread.
 */
final class DiskPace {
  static final int WINDOW = 8;
  static final int BAD_LOOKS = 3;
  static final Duration RECOVERY = Duration.ofSeconds(10);

  /** With looks further apart than this, this process was held up, and not by its disk. */
  private static final long STOOD_STILL_NANOS = Duration.ofSeconds(1).toNanos();

  private Map<ShardId, LogEnd> before = Map.of();
  private long lookedNanos;
  private long badNanos;

  /** One bit a look, the latest lowest: 1 if it was bad. */
  private int looks;

  private boolean slow;

  /**
   * One look.
   *
   * @param ends of the logs of all replicas here
   * @param nowNanos of a monotonic clock
   * @return whether the disk counts as slow now
   */
  boolean look(Map<ShardId, LogEnd> ends, long nowNanos) {
    boolean stoodStill = nowNanos - lookedNanos > STOOD_STILL_NANOS;
    boolean bad =
        !stoodStill
            && ends.entrySet().stream()
                .anyMatch(e -> isLate(before.getOrDefault(e.getKey(), LogEnd.NONE), e.getValue()));
    looks = (looks << 1 | (bad ? 1 : 0)) & ((1 << WINDOW) - 1);
    if (bad) {
      badNanos = nowNanos;
    }
    slow =
        Integer.bitCount(looks) >= BAD_LOOKS || (slow && nowNanos - badNanos < RECOVERY.toNanos());
    before = Map.copyOf(ends);
    lookedNanos = nowNanos;
    return slow;
  }

  /** Whether what was in the log then is not on disk yet. A log cut off since proves nothing. */
  private static boolean isLate(LogEnd then, LogEnd now) {
    return then.lastIndex() > now.syncedIndex() && now.lastIndex() >= then.lastIndex();
  }
}
