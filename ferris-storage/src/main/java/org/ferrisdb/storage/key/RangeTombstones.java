package org.ferrisdb.storage.key;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.ferrisdb.storage.EntryKind;
import org.ferrisdb.storage.Versioned;
import org.jspecify.annotations.Nullable;

/**
 * Range tombstones, cut at each other's ends into fragments that do not overlap, so that one binary
 * search finds all that cover a key.
 *
 * <pre>
 *   tombstones     [a ............. m) @30        fragments   [a, f)  30
 *                         [f ............ t) @50              [f, m)  50 30
 *                                                             [m, t)  50
 * </pre>
 *
 * <p>Of a memtable each also has the sequence of its batch, since a reader must not see batches
 * that came later; in a table the sequences are 0. The way of cutting is Pebble's ("fragmented
 * range tombstones"). Immutable.
 */
public final class RangeTombstones {
  /** None. */
  public static final RangeTombstones EMPTY =
      new RangeTombstones(new byte[0][], new byte[0][], new long[0][], new long[0][]);

  private static final int NONE = -1;
  private static final byte[] NOTHING = {};

  private final byte[][] starts; // ascending, and each end at or before the next start
  private final byte[][] ends;
  private final long[][] timestamps; // of each fragment, newest first
  private final long[][] sequences; // beside the timestamps

  private RangeTombstones(byte[][] starts, byte[][] ends, long[][] timestamps, long[][] sequences) {
    this.starts = starts;
    this.ends = ends;
    this.timestamps = timestamps;
    this.sequences = sequences;
  }

  /** Tells about each tombstone of each fragment, in order: by start, and newest first. */
  public interface Visitor<E extends Exception> {
    /** One tombstone, cut to its fragment [from, to). */
    void visit(byte[] from, byte[] to, long timestamp) throws E;
  }

  /** Whether a table over the keys [from, to) lies below what is asked about. */
  public interface Beneath {
    /** Whether anything older may lie there. */
    boolean mayHold(byte[] from, byte[] to);
  }

  /** Collects fragments in order: what {@link #forEach} tells makes the same again. */
  public static final class Builder {
    private final List<byte[]> starts = new ArrayList<>();
    private final List<byte[]> ends = new ArrayList<>();
    private final List<long[]> timestamps = new ArrayList<>();
    private final List<long[]> sequences = new ArrayList<>();

    /**
     * Adds one tombstone of a fragment.
     *
     * @return whether it comes after the ones before; else it was not added
     */
    public boolean add(byte[] from, byte[] to, long timestamp) {
      if (Arrays.compareUnsigned(from, to) >= 0 || timestamp < 0) {
        return false;
      }
      if (!starts.isEmpty() && Arrays.equals(starts.getLast(), from)) {
        long[] before = timestamps.getLast();
        if (!Arrays.equals(ends.getLast(), to) || before[before.length - 1] <= timestamp) {
          return false;
        }
        timestamps.set(timestamps.size() - 1, inserted(before, before.length, timestamp));
        sequences.set(sequences.size() - 1, new long[before.length + 1]);
        return true;
      }
      if (!ends.isEmpty() && Arrays.compareUnsigned(ends.getLast(), from) > 0) {
        return false;
      }
      add(from, to, one(timestamp), one(0));
      return true;
    }

    void add(byte[] from, byte[] to, long[] stamps, long[] sequence) {
      if (stamps.length > 0 && Arrays.compareUnsigned(from, to) < 0) {
        starts.add(from);
        ends.add(to);
        timestamps.add(stamps);
        sequences.add(sequence);
      }
    }

    /** Adds a fragment; the one before goes on if it touches this one and says the same. */
    void addOrExtend(byte[] from, byte[] to, long[] stamps, long[] sequence) {
      int last = starts.size() - 1;
      if (last >= 0
          && Arrays.equals(ends.get(last), from)
          && Arrays.equals(timestamps.get(last), stamps)
          && Arrays.equals(sequences.get(last), sequence)) {
        ends.set(last, to);
      } else {
        add(from, to, stamps, sequence);
      }
    }

    /** What was added. */
    public RangeTombstones build() {
      return starts.isEmpty()
          ? EMPTY
          : new RangeTombstones(
              starts.toArray(byte[][]::new),
              ends.toArray(byte[][]::new),
              timestamps.toArray(long[][]::new),
              sequences.toArray(long[][]::new));
    }
  }

  /** Whether there is none. */
  public boolean isEmpty() {
    return starts.length == 0;
  }

  /** How many there are, each counted once a fragment. */
  public int count() {
    int count = 0;
    for (long[] stamps : timestamps) {
      count += stamps.length;
    }
    return count;
  }

  /** These and one more, which is not older than any it overlaps. Takes time linear in these. */
  public RangeTombstones with(RangeTombstone added, long sequence) {
    Builder result = new Builder();
    byte[] at = added.from(); // what of the new one is not yet in the result
    byte[] to = added.to();
    for (int i = 0; i < starts.length; i++) {
      byte[] start = starts[i];
      byte[] end = ends[i];
      if (Arrays.compareUnsigned(end, at) <= 0) {
        result.add(start, end, timestamps[i], sequences[i]);
        continue;
      }
      if (Arrays.compareUnsigned(start, to) >= 0) {
        result.add(at, to, one(added.timestamp()), one(sequence));
        at = to;
        result.add(start, end, timestamps[i], sequences[i]);
        continue;
      }
      result.add(start, min(at, end), timestamps[i], sequences[i]);
      result.add(at, max(at, start), one(added.timestamp()), one(sequence));
      byte[] from = max(at, start);
      byte[] until = min(to, end);
      result.add(from, until, before(added.timestamp(), i), beforeSequence(added, sequence, i));
      result.add(until, end, timestamps[i], sequences[i]);
      at = until;
    }
    result.add(at, to, one(added.timestamp()), one(sequence));
    return result.build();
  }

  private static long[] one(long value) {
    return new long[] {value};
  }

  private long[] before(long timestamp, int fragment) {
    return inserted(timestamps[fragment], place(timestamp, fragment), timestamp);
  }

  private long[] beforeSequence(RangeTombstone added, long sequence, int fragment) {
    return inserted(sequences[fragment], place(added.timestamp(), fragment), sequence);
  }

  /** Nearly always the first: timestamps rise. */
  private int place(long timestamp, int fragment) {
    int place = 0;
    while (place < timestamps[fragment].length && timestamps[fragment][place] > timestamp) {
      place++;
    }
    return place;
  }

  private static long[] inserted(long[] values, int place, long value) {
    long[] result = new long[values.length + 1];
    System.arraycopy(values, 0, result, 0, place);
    result[place] = value;
    System.arraycopy(values, place, result, place + 1, values.length - place);
    return result;
  }

  private static byte[] min(byte[] a, byte[] b) {
    return Arrays.compareUnsigned(a, b) <= 0 ? a : b;
  }

  private static byte[] max(byte[] a, byte[] b) {
    return Arrays.compareUnsigned(a, b) >= 0 ? a : b;
  }

  /**
   * The timestamp of the newest one that covers the key at or below the timestamp, or -1 if none
   * does: every version below it is hidden.
   *
   * @param sequence batches after this one do not count
   */
  public long newest(byte[] key, int keyLength, long timestamp, long sequence) {
    int fragment = find(key, keyLength);
    if (fragment < 0) {
      return NONE;
    }
    long[] stamps = timestamps[fragment];
    for (int i = 0; i < stamps.length; i++) {
      if (stamps[i] <= timestamp && sequences[fragment][i] <= sequence) {
        return stamps[i];
      }
    }
    return NONE;
  }

  /**
   * What a reader sees of a key in a source that holds these and, of single keys, what was found.
   *
   * @param found the newest version at or below the timestamp, null if none
   * @return it, or a tombstone at the timestamp of the range that hides it
   */
  public @Nullable Versioned hide(
      @Nullable Versioned found, byte[] key, long timestamp, long sequence) {
    long newest = newest(key, key.length, timestamp, sequence);
    return newest < 0 || (found != null && found.timestamp() >= newest)
        ? found
        : new Versioned(newest, EntryKind.TOMBSTONE, NOTHING);
  }

  /** The fragment that holds the key, -1 if none does. */
  private int find(byte[] key, int keyLength) {
    int low = 0;
    int high = starts.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Arrays.compareUnsigned(ends[middle], 0, ends[middle].length, key, 0, keyLength) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    boolean holds =
        low < starts.length
            && Arrays.compareUnsigned(starts[low], 0, starts[low].length, key, 0, keyLength) <= 0;
    return holds ? low : NONE;
  }

  /** Those of batches up to the sequence. */
  public RangeTombstones visibleAt(long sequence) {
    boolean all = true;
    for (long[] some : sequences) {
      for (long one : some) {
        all &= one <= sequence;
      }
    }
    if (all) {
      return this;
    }
    Builder result = new Builder();
    for (int i = 0; i < starts.length; i++) {
      long[] beside = sequences[i];
      result.add(
          starts[i],
          ends[i],
          where(timestamps[i], beside, sequence),
          where(beside, beside, sequence));
    }
    return result.build();
  }

  private static long[] where(long[] values, long[] beside, long limit) {
    long[] result = new long[values.length];
    int count = 0;
    for (int i = 0; i < values.length; i++) {
      if (beside[i] <= limit) {
        result[count++] = values[i];
      }
    }
    return Arrays.copyOf(result, count);
  }

  /** Those of several sources together; their sequences are forgotten. */
  public static RangeTombstones union(List<RangeTombstones> sources) {
    List<RangeTombstones> some = sources.stream().filter(source -> !source.isEmpty()).toList();
    if (some.isEmpty()) {
      return EMPTY;
    }
    TreeSet<byte[]> cuts = new TreeSet<>(Arrays::compareUnsigned);
    for (RangeTombstones source : some) {
      cuts.addAll(Arrays.asList(source.starts));
      cuts.addAll(Arrays.asList(source.ends));
    }
    Builder result = new Builder();
    byte[] from = cuts.removeFirst();
    for (byte[] to : cuts) {
      long[] stamps = new long[0];
      for (RangeTombstones source : some) {
        int fragment = source.find(from, from.length);
        stamps = fragment < 0 ? stamps : merged(stamps, source.timestamps[fragment]);
      }
      result.add(from, to, stamps, new long[stamps.length]);
      from = to;
    }
    return result.build();
  }

  /** Both, newest first, equal ones once. */
  private static long[] merged(long[] a, long[] b) {
    long[] result = new long[a.length + b.length];
    int count = 0;
    int i = 0;
    int j = 0;
    while (i < a.length || j < b.length) {
      long next = j == b.length || (i < a.length && a[i] >= b[j]) ? a[i++] : b[j++];
      if (count == 0 || result[count - 1] != next) {
        result[count++] = next;
      }
    }
    return Arrays.copyOf(result, count);
  }

  /** What of them lies in the range. */
  public RangeTombstones within(KeyRange range) {
    if (isEmpty()) {
      return this;
    }
    Builder result = new Builder();
    for (int i = 0; i < starts.length; i++) {
      byte @Nullable [] low = range.from();
      byte @Nullable [] high = range.to();
      byte[] from = low == null ? starts[i] : max(low, starts[i]);
      byte[] to = high == null ? ends[i] : min(high, ends[i]);
      result.add(from, to, timestamps[i], sequences[i]);
    }
    return result.build();
  }

  /**
   * What a compaction keeps of them: all above the garbage floor, and of the others the newest of
   * each fragment, if it has something to hide beneath the compaction's inputs. Where two fragments
   * are left with the same, they become one.
   */
  public RangeTombstones withoutGarbage(long floor, Beneath beneath) {
    Builder result = new Builder();
    for (int i = 0; i < starts.length; i++) {
      long[] stamps = timestamps[i];
      int above = 0;
      while (above < stamps.length && stamps[above] > floor) {
        above++;
      }
      boolean one = above < stamps.length && beneath.mayHold(starts[i], ends[i]);
      int kept = above + (one ? 1 : 0);
      result.addOrExtend(
          starts[i], ends[i], Arrays.copyOf(stamps, kept), Arrays.copyOf(sequences[i], kept));
    }
    return result.build();
  }

  /**
   * Whether all that lies in [from, to) and is not newer than {@code newestVersion} is hidden from
   * every reader at or above the timestamp.
   */
  public boolean hideAll(byte[] from, byte[] to, long newestVersion, long timestamp) {
    byte[] at = from;
    while (Arrays.compareUnsigned(at, to) < 0) {
      int fragment = find(at, at.length);
      if (fragment < 0 || newest(at, at.length, timestamp, Long.MAX_VALUE) <= newestVersion) {
        return false;
      }
      at = ends[fragment];
    }
    return true;
  }

  /** Tells the visitor about each. */
  public <E extends Exception> void forEach(Visitor<E> visitor) throws E {
    for (int i = 0; i < starts.length; i++) {
      for (long timestamp : timestamps[i]) {
        visitor.visit(starts[i], ends[i], timestamp);
      }
    }
  }

  /** The first key that one covers; only if there is one. */
  public byte[] smallest() {
    return starts[0];
  }

  /** The first key after all that they cover; only if there is one. */
  public byte[] end() {
    return ends[ends.length - 1];
  }
}
