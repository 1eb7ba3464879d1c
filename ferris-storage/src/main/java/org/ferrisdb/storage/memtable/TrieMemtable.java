package org.ferrisdb.storage.memtable;

import static org.ferrisdb.storage.memtable.TrieNodes.acquire;
import static org.ferrisdb.storage.memtable.TrieNodes.release;
import static org.ferrisdb.storage.memtable.TrieNodes.symbol;

import java.util.Arrays;
import org.ferrisdb.storage.EntryKind;
import org.ferrisdb.storage.Versioned;
import org.ferrisdb.storage.key.EntryIterator;
import org.ferrisdb.storage.key.RangeTombstone;
import org.ferrisdb.storage.key.RangeTombstones;
import org.jspecify.annotations.Nullable;

/**
 * An adaptive radix trie: a key is found by its bytes, one node for each place where keys differ,
 * and nodes that grow with the number of their children.
 *
 * <pre>
 *   "car", "cart", "cat", "dog"              byte 0
 *                                          c /    \ d
 *                                      byte 2      dog
 *                                    r /    \ t
 *                                byte 3      cat
 *                              end /  \ t
 *                               car    cart
 * </pre>
 *
 * <p>A way down skips the bytes that all keys below share, and compares the whole key at the leaf:
 * a few cache misses where a skip list has twenty. The idea of node sizes is of Leis, Kemper and
 * Neumann (The Adaptive Radix Tree, ICDE 2013), that of a memtable of one writer and many readers
 * in flat arrays of Cassandra's trie memtables (CEP-19). Here nodes, leaves and versions are ints
 * in one array, keys and values lie in a {@link ByteLog}: the collector has nothing to follow.
 *
 * <pre>
 *   leaf      0 address of the key   1 its length   2 newest version
 *   version   0 next older version   1 a much older one, or itself   2 how many are older
 *             3, 4 timestamp         5 sequence, from the first one in this memtable on
 *             6 kind and length of the value         7 address of the value
 * </pre>
 *
 * <p>The versions of a key are a list, newest first, with jumps, so that an old one is found in
 * logarithmic time however often a key was written (Myers, An Applicative Random-Access Stack,
 * 1983).
 *
 * <p><b>Readers without locks.</b> The writer fills in what is new and then links it by one release
 * store. It changes nothing that a reader may rely on: a node that is full or in the way is
 * replaced by one that leads to the same leaves and one more, and who still stands on the old one
 * sees the memtable as it was. The array grows by being copied; for who holds the old one the same
 * is true.
 */
public final class TrieMemtable implements Memtable {
  static final int ROOT = 1;

  static final int KEY_LENGTH = 1;
  static final int NEWEST = 2;
  private static final int LEAF_WORDS = 3;

  static final int JUMP = 1;
  private static final int OLDER = 2;
  private static final int TIMESTAMP = 3;
  private static final int SEQUENCE = 5;
  private static final int VALUE_LENGTH = 6;
  private static final int VALUE = 7;
  private static final int VERSION_WORDS = 8;

  private static final int FIRST_WORDS = 256;
  private static final int PUT_BIT = 1 << 31;
  private static final byte[] NOTHING = {};

  private final ByteLog log = new ByteLog();
  private final RangeBuffer ranges = new RangeBuffer();
  private volatile int[] words = new int[FIRST_WORDS];
  private volatile long bytes = 4L * FIRST_WORDS; // what others see of what is held

  /** Set before the first link. */
  private long firstSequence;

  private int used = ROOT + 1;

  // ---- writing ---------------------------------------------------------------------------------

  @Override
  public void add(byte[] key, long timestamp, long sequence, EntryKind kind, byte[] value) {
    if (words[ROOT] == 0) {
      firstSequence = sequence;
    }
    int version = newVersion(timestamp, sequence, kind, value);
    int[] all = words;
    int similar = all[ROOT] == 0 ? 0 : similarLeaf(all, key, key.length);
    if (similar == 0) {
      int leaf = newLeaf(key, version);
      release(words, ROOT, ~leaf);
    } else {
      int length = all[similar + KEY_LENGTH];
      int differs = differsAt(all, similar, key, key.length);
      if (differs < 0) {
        addVersion(all, similar, version, timestamp);
      } else {
        byte[] slab = log.slab(all[similar]);
        int offset = ByteLog.offset(all[similar]);
        int other = differs < length ? slab[offset + differs] & 0xff : TrieNodes.END;
        insert(key, differs, other, newLeaf(key, version));
      }
    }
    long held = 4L * words.length + log.held();
    if (held != bytes) {
      bytes = held; // seldom: a volatile store is dear
    }
  }

  private int allocate(int count) {
    int[] all = words;
    int at = used;
    if (at + count > all.length) {
      // By half: what is held and not used yet counts as well.
      words = Arrays.copyOf(all, Math.addExact(at + count, all.length / 2));
    }
    used = at + count;
    return at;
  }

  private int newLeaf(byte[] key, int version) {
    int leaf = allocate(LEAF_WORDS);
    int[] all = words;
    all[leaf] = log.append(key);
    all[leaf + KEY_LENGTH] = key.length;
    all[leaf + NEWEST] = version;
    return leaf;
  }

  private int newVersion(long timestamp, long sequence, EntryKind kind, byte[] value) {
    int version = allocate(VERSION_WORDS);
    int[] all = words;
    all[version + TIMESTAMP] = (int) (timestamp >>> 32);
    all[version + TIMESTAMP + 1] = (int) timestamp;
    all[version + SEQUENCE] = Math.toIntExact(sequence - firstSequence);
    all[version + VALUE_LENGTH] = value.length | (kind == EntryKind.PUT ? PUT_BIT : 0);
    all[version + VALUE] = value.length == 0 ? 0 : log.append(value);
    all[version + JUMP] = version;
    return version;
  }

  /**
   * Puts a version before all that are not newer than it; nearly always before all. A jump may then
   * lead over it, to one that is older: which is what a jump does.
   */
  private static void addVersion(int[] all, int leaf, int version, long timestamp) {
    int link = leaf + NEWEST;
    while (all[link] != 0 && timestamp(all, all[link]) > timestamp) {
      link = all[link];
    }
    int next = all[link];
    all[version] = next;
    if (next != 0) {
      int jump = all[next + JUMP];
      int far = all[jump + JUMP];
      boolean even = all[next + OLDER] - all[jump + OLDER] == all[jump + OLDER] - all[far + OLDER];
      all[version + OLDER] = all[next + OLDER] + 1;
      all[version + JUMP] = even ? far : next;
    }
    release(all, link, version);
  }

  /** Links a leaf whose key differs first at the place, where all keys around it have `other`. */
  private void insert(byte[] key, int differs, int other, int leaf) {
    int slot = ROOT;
    int[] all = words;
    int at = all[slot];
    while (at > 0 && all[at + TrieNodes.DEPTH] < differs) {
      slot = TrieNodes.find(all, at, key[all[at + TrieNodes.DEPTH]] & 0xff);
      at = all[slot];
    }
    int symbol = symbol(key, key.length, differs);
    if (at > 0 && all[at + TrieNodes.DEPTH] == differs) {
      int header = all[at];
      if (symbol == TrieNodes.END || !TrieNodes.isFull(header)) {
        TrieNodes.add(all, at, symbol, ~leaf);
        return;
      }
      int larger = allocate(TrieNodes.words(TrieNodes.type(header) + 1));
      all = words;
      TrieNodes.copyLarger(all, at, larger);
      TrieNodes.add(all, larger, symbol, ~leaf);
      release(all, slot, larger);
      return;
    }
    int fork = allocate(TrieNodes.words(TrieNodes.NODE4));
    all = words;
    all[fork] = TrieNodes.header(TrieNodes.NODE4, 0);
    all[fork + TrieNodes.DEPTH] = differs;
    TrieNodes.add(all, fork, other, at);
    TrieNodes.add(all, fork, symbol, ~leaf);
    release(all, slot, fork);
  }

  // ---- reading ---------------------------------------------------------------------------------

  @Override
  public void addRange(RangeTombstone range, long sequence) {
    ranges.add(range, sequence);
  }

  @Override
  public RangeTombstones ranges(long sequence) {
    return ranges.visibleAt(sequence);
  }

  @Override
  public boolean isFull(long limit) {
    return bytes() >= limit || ranges.isFull();
  }

  @Override
  public @Nullable Versioned get(byte[] key, long timestamp, long sequence) {
    return ranges.hide(find(key, timestamp, sequence), key, timestamp, sequence);
  }

  private @Nullable Versioned find(byte[] key, long timestamp, long sequence) {
    int[] all = words;
    int at = acquire(all, ROOT);
    while (at > 0) {
      int depth = all[at + TrieNodes.DEPTH];
      if (depth > key.length) {
        return null;
      }
      int slot = TrieNodes.find(all, at, symbol(key, key.length, depth));
      at = slot == 0 ? 0 : acquire(all, slot);
    }
    if (at == 0 || !isKey(all, ~at, key)) {
      return null;
    }
    int version = visible(all, acquire(all, ~at + NEWEST), timestamp, sequence);
    if (version == 0) {
      return null;
    }
    return new Versioned(timestamp(all, version), kind(all, version), valueCopy(all, version));
  }

  private byte[] valueCopy(int[] all, int version) {
    int length = valueLength(all, version);
    if (length == 0) {
      return NOTHING;
    }
    int offset = valueOffset(all, version);
    return Arrays.copyOfRange(valueSlab(all, version), offset, offset + length);
  }

  /** A leaf whose key begins like this one for longer than any other's; there must be a leaf. */
  int similarLeaf(int[] all, byte[] key, int length) {
    int at = acquire(all, ROOT);
    while (at > 0) {
      int depth = all[at + TrieNodes.DEPTH];
      int slot = depth > length ? 0 : TrieNodes.find(all, at, symbol(key, length, depth));
      int child = slot == 0 ? 0 : acquire(all, slot);
      if (child == 0) {
        int any = TrieNodes.above(all, at, TrieNodes.NONE);
        child = acquire(all, TrieNodes.find(all, at, any));
      }
      at = child;
    }
    return ~at;
  }

  /** Where a leaf's key and this one differ first; negative if they do not. */
  int differsAt(int[] all, int leaf, byte[] key, int length) {
    int offset = ByteLog.offset(all[leaf]);
    return Arrays.mismatch(
        key, 0, length, log.slab(all[leaf]), offset, offset + all[leaf + KEY_LENGTH]);
  }

  private boolean isKey(int[] all, int leaf, byte[] key) {
    int offset = ByteLog.offset(all[leaf]);
    return Arrays.equals(
        key, 0, key.length, log.slab(all[leaf]), offset, offset + all[leaf + KEY_LENGTH]);
  }

  /** The symbol of a leaf's key at a depth. */
  int symbolOf(int[] all, int leaf, int depth) {
    return depth < all[leaf + KEY_LENGTH]
        ? log.slab(all[leaf])[ByteLog.offset(all[leaf]) + depth] & 0xff
        : TrieNodes.END;
  }

  /** Copies a leaf's key. */
  void copyKey(int[] all, int leaf, byte[] into) {
    System.arraycopy(
        log.slab(all[leaf]), ByteLog.offset(all[leaf]), into, 0, all[leaf + KEY_LENGTH]);
  }

  /** The newest version from this one on at or below timestamp and sequence; 0 if there is none. */
  int visible(int[] all, int newest, long timestamp, long sequence) {
    int version = newest;
    while (version != 0 && timestamp(all, version) > timestamp) {
      version = stepToward(all, version, timestamp);
    }
    while (version != 0 && sequence(all, version) > sequence) {
      version = acquire(all, version);
    }
    return version;
  }

  /** From a version above the timestamp to an older one, not past the newest that is not above. */
  static int stepToward(int[] all, int version, long timestamp) {
    int jump = all[version + JUMP];
    boolean far = jump != version && timestamp(all, jump) > timestamp;
    return far ? jump : acquire(all, version);
  }

  static long timestamp(int[] all, int version) {
    return ((long) all[version + TIMESTAMP] << 32) | (all[version + TIMESTAMP + 1] & 0xffffffffL);
  }

  long sequence(int[] all, int version) {
    return firstSequence + all[version + SEQUENCE];
  }

  static EntryKind kind(int[] all, int version) {
    return all[version + VALUE_LENGTH] < 0 ? EntryKind.PUT : EntryKind.TOMBSTONE;
  }

  static int valueLength(int[] all, int version) {
    return all[version + VALUE_LENGTH] & ~PUT_BIT;
  }

  /** Only of a value that has bytes. */
  byte[] valueSlab(int[] all, int version) {
    return log.slab(all[version + VALUE]);
  }

  static int valueOffset(int[] all, int version) {
    return ByteLog.offset(all[version + VALUE]);
  }

  /** What is reachable now: everything that a sequence published so far lets be seen. */
  int[] words() {
    return words;
  }

  @Override
  public EntryIterator iterator(long sequence) {
    return new TrieIterator(this, sequence);
  }

  @Override
  public long bytes() {
    return bytes + ranges.bytes();
  }

  @Override
  public boolean isEmpty() {
    return acquire(words, ROOT) == 0 && ranges.isEmpty();
  }
}
