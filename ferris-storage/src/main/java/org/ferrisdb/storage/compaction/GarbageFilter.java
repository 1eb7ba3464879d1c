package org.ferrisdb.storage.compaction;

import org.ferrisdb.storage.EntryKind;
import org.ferrisdb.storage.key.Entry;
import org.ferrisdb.storage.key.RangeTombstones;

/**
 * Decides, entry by entry in order, what a compaction keeps.
 *
 * <p>A reader reads at the garbage floor or above. Of the versions of one key it can therefore see
 * every one above the floor, and of the rest only the newest. So:
 *
 * <pre>
 *   versions of a key, newest first       90  70  | floor 60 |  55  40  20
 *   kept                                  90  70               55
 * </pre>
 *
 * <p>If a range tombstone at or below the floor hides that newest one, nobody sees it, and it goes
 * as well; the tombstone itself is kept or not by {@link RangeTombstones#withoutGarbage}.
 *
 * <p>If that newest one at or below the floor (55) is a tombstone, it says "nothing here", which is
 * also what its absence says, unless something older lies beneath the compaction's inputs: only
 * then is it kept. Of a version written twice the first (from the newer source) is kept.
 *
 * <p>Not thread-safe.
 */
public final class GarbageFilter {
  /**
   * Where older data may lie. Of the version that the compaction was planned on: others may move
   * data meanwhile, but see {@link RunningCompactions} for why nothing older comes to lie beneath.
   */
  public interface Beneath {
    /** Whether a table below the inputs could hold the key. Keys come in ascending order. */
    boolean mayHold(byte[] key, int keyLength);
  }

  private final long floor;
  private final Beneath beneath;
  private final RangeTombstones ranges;
  private byte[] key = new byte[64];
  private int keyLength = -1;
  private long lastTimestamp;
  private boolean decided; // the newest version at or below the floor has been seen

  /**
   * A filter for one compaction.
   *
   * @param ranges the range tombstones of its inputs
   */
  public GarbageFilter(long floor, RangeTombstones ranges, Beneath beneath) {
    this.floor = floor;
    this.ranges = ranges;
    this.beneath = beneath;
  }

  /** Whether the next entry stays. */
  public boolean keep(Entry entry) {
    boolean sameKey = isSameKey(entry);
    if (sameKey && entry.timestamp() == lastTimestamp) {
      return false;
    }
    if (!sameKey) {
      remember(entry);
      decided = false;
    }
    lastTimestamp = entry.timestamp();
    if (lastTimestamp > floor) {
      return true;
    }
    if (decided) {
      return false;
    }
    decided = true;
    if (!ranges.isEmpty() && ranges.newest(key, keyLength, floor, Long.MAX_VALUE) > lastTimestamp) {
      return false;
    }
    return entry.kind() == EntryKind.PUT || beneath.mayHold(key, keyLength);
  }

  /** Whether the entry has the key of the one before. */
  public boolean isSameKey(Entry entry) {
    return entry.hasKey(key, keyLength);
  }

  private void remember(Entry entry) {
    keyLength = entry.keyLength();
    if (key.length < keyLength) {
      key = new byte[keyLength * 2];
    }
    System.arraycopy(entry.keyBuffer(), 0, key, 0, keyLength);
  }
}
