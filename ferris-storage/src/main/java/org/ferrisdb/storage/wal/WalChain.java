package org.ferrisdb.storage.wal;

import java.util.HashMap;
import java.util.Map;

/**
 * Which WAL files an opening takes, told from what each says of itself and of the one before it.
 * Files are shown in ascending order.
 *
 * <p>A file is taken if the one before it, {@code previous}, was taken and is whole, or is no
 * longer needed. Else a power loss took the end of that one, which nobody had synced, and with it
 * goes all that was written later. Unless a {@code LINK} says that more of it was durable than is
 * found now: that is damage. One thread.
 */
public final class WalChain {
  private final long logNumber;
  private final Map<Long, Long> whole = new HashMap<>(); // of files that were taken, in bytes
  private final Map<Long, Long> previousOfDropped = new HashMap<>();
  private final Map<Long, Boolean> ended = new HashMap<>();

  /** A chain of which files below this number are no longer needed. */
  public WalChain(long logNumber) {
    this.logNumber = Math.max(1, logNumber);
  }

  /**
   * Whether a file is taken.
   *
   * @param previous what its header says; 0 if none, -1 if the header is torn
   */
  public boolean takes(long previous) {
    return previous < logNumber || ended.getOrDefault(previous, false);
  }

  /**
   * The next file.
   *
   * @param previousSyncedTo the most that its LINK records say
   * @param wholeTo the offset up to which its records are whole
   * @param isEnded whether it says that it is complete
   * @return the number of the file that is damaged or missing, as this one proves; 0 if it does not
   */
  public long add(
      long number, long previous, long previousSyncedTo, long wholeTo, boolean isEnded) {
    long damaged =
        previous >= logNumber && previousSyncedTo > whole.getOrDefault(previous, 0L)
            ? firstBroken(previous)
            : 0;
    if (takes(previous)) {
      whole.put(number, wholeTo);
      ended.put(number, isEnded);
    } else {
      previousOfDropped.put(number, previous);
    }
    return damaged;
  }

  /** A file that can not be read, so that nothing is known of it. */
  public void addUnknown(long number) {
    whole.put(number, Long.MAX_VALUE);
    ended.put(number, true);
  }

  private long firstBroken(long number) {
    long broken = number;
    while (previousOfDropped.containsKey(broken)) {
      broken = previousOfDropped.get(broken);
    }
    return broken;
  }
}
