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
 * in a {@link WordLog}, keys and values lie in a {@link ByteLog}: the collector has little to
 * follow. What the words below name is an address in one of these.
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
 * sees the memtable as it was.
 */
public final class TrieMemtable implements Memtable {
  private static final int KEY_LENGTH = 1;
  private static final int NEWEST = 2;
  private static final int LEAF_WORDS = 3;

  private static final int JUMP = 1;
  private static final int OLDER = 2;
  private static final int TIMESTAMP = 3;
  private static final int SEQUENCE = 5;
  private static final int VALUE_LENGTH = 6;
  private static final int VALUE = 7;
  private static final int VERSION_WORDS = 8;

  private static final int PUT_BIT = 1 << 31;
  private static final byte[] NOTHING = {};

  private final ByteLog bytes = new ByteLog();
  private final WordLog words = new WordLog();
  private final RangeBuffer ranges = new RangeBuffer();

  /** The array and the place of the word that leads to the first node. */
  private final int[] rootSlab;

  private final int rootSlot;

  private volatile long held; // what others see of what is held

  /** Set before the first link. */
  private long firstSequence;

  /** An empty one. */
  public TrieMemtable() {
    int root = words.allocate(1);
    rootSlab = words.slab(root);
    rootSlot = WordLog.offset(root);
    held = words.held();
  }

  // ---- writing ---------------------------------------------------------------------------------

  @Override
  public void add(byte[] key, long timestamp, long sequence, EntryKind kind, byte[] value) {
    int root = rootSlab[rootSlot];
    if (root == 0) {
      firstSequence = sequence;
      release(rootSlab, rootSlot, ~newLeaf(key, newVersion(timestamp, sequence, kind, value)));
    } else {
      int similar = similarLeaf(root(), key, key.length);
      int differs = differsAt(similar, key, key.length);
      int version = newVersion(timestamp, sequence, kind, value);
      if (differs < 0) {
        addVersion(similar, version, timestamp);
      } else {
        insert(key, differs, symbolOf(similar, differs), newLeaf(key, version));
      }
    }
    long now = words.held() + bytes.held();
    if (now != held) {
      held = now; // seldom: a volatile store is dear
    }
  }

  private int newLeaf(byte[] key, int version) {
    int leaf = words.allocate(LEAF_WORDS);
    int[] slab = words.slab(leaf);
    int at = WordLog.offset(leaf);
    slab[at] = bytes.append(key);
    slab[at + KEY_LENGTH] = key.length;
    slab[at + NEWEST] = version;
    return leaf;
  }

  private int newVersion(long timestamp, long sequence, EntryKind kind, byte[] value) {
    int version = words.allocate(VERSION_WORDS);
    int[] slab = words.slab(version);
    int at = WordLog.offset(version);
    slab[at + TIMESTAMP] = (int) (timestamp >>> 32);
    slab[at + TIMESTAMP + 1] = (int) timestamp;
    slab[at + SEQUENCE] = Math.toIntExact(sequence - firstSequence);
    slab[at + VALUE_LENGTH] = value.length | (kind == EntryKind.PUT ? PUT_BIT : 0);
    slab[at + VALUE] = value.length == 0 ? 0 : bytes.append(value);
    slab[at + JUMP] = version;
    return version;
  }

  /**
   * Puts a version before all that are not newer than it; nearly always before all. A jump may then
   * lead over it, to one that is older: which is what a jump does.
   */
  private void addVersion(int leaf, int version, long timestamp) {
    int[] slab = words.slab(leaf);
    int link = WordLog.offset(leaf) + NEWEST;
    while (slab[link] != 0 && timestamp(slab[link]) > timestamp) {
      int newer = slab[link];
      slab = words.slab(newer);
      link = WordLog.offset(newer);
    }
    int next = slab[link];
    int[] own = words.slab(version);
    int at = WordLog.offset(version);
    own[at] = next;
    if (next != 0) {
      int jump = word(next, JUMP);
      int far = word(jump, JUMP);
      int olderThanJump = word(jump, OLDER);
      boolean even = word(next, OLDER) - olderThanJump == olderThanJump - word(far, OLDER);
      own[at + OLDER] = word(next, OLDER) + 1;
      own[at + JUMP] = even ? far : next;
    }
    release(slab, link, version);
  }

  /** Links a leaf whose key differs first at the place, where all keys around it have `other`. */
  private void insert(byte[] key, int differs, int other, int leaf) {
    int[] slotSlab = rootSlab;
    int slot = rootSlot;
    int child = slotSlab[slot];
    int[] slab = slotSlab;
    int at = 0;
    int depth = Integer.MAX_VALUE;
    while (child > 0) {
      slab = words.slab(child);
      at = WordLog.offset(child);
      depth = slab[at + TrieNodes.DEPTH];
      if (depth >= differs) {
        break;
      }
      slotSlab = slab;
      slot = TrieNodes.find(slab, at, key[depth] & 0xff);
      child = slab[slot];
    }
    int symbol = symbol(key, key.length, differs);
    if (child <= 0 || depth != differs) {
      release(slotSlab, slot, fork(differs, other, child, symbol, leaf));
    } else if (symbol == TrieNodes.END || !TrieNodes.isFull(slab[at])) {
      TrieNodes.add(slab, at, symbol, ~leaf);
    } else {
      release(slotSlab, slot, larger(slab, at, symbol, leaf));
    }
  }

  /** A new node with what is there already and the new leaf. */
  private int fork(int depth, int other, int child, int symbol, int leaf) {
    int fork = words.allocate(TrieNodes.words(TrieNodes.NODE4));
    int[] slab = words.slab(fork);
    int at = WordLog.offset(fork);
    slab[at] = TrieNodes.header(TrieNodes.NODE4, 0);
    slab[at + TrieNodes.DEPTH] = depth;
    TrieNodes.add(slab, at, other, child);
    TrieNodes.add(slab, at, symbol, ~leaf);
    return fork;
  }

  /** What a full node is to be replaced by. */
  private int larger(int[] full, int node, int symbol, int leaf) {
    int larger = words.allocate(TrieNodes.words(TrieNodes.type(full[node]) + 1));
    int[] slab = words.slab(larger);
    int at = WordLog.offset(larger);
    TrieNodes.copyLarger(full, node, slab, at);
    TrieNodes.add(slab, at, symbol, ~leaf);
    return larger;
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
    int node = root();
    while (node > 0) {
      int[] slab = words.slab(node);
      int at = WordLog.offset(node);
      int depth = slab[at + TrieNodes.DEPTH];
      if (depth > key.length) {
        return null;
      }
      int slot = TrieNodes.find(slab, at, symbol(key, key.length, depth));
      node = slot == 0 ? 0 : acquire(slab, slot);
    }
    if (node == 0 || !isKey(~node, key)) {
      return null;
    }
    int version = visible(newest(~node), timestamp, sequence);
    if (version == 0) {
      return null;
    }
    return new Versioned(timestamp(version), kind(version), valueCopy(version));
  }

  private byte[] valueCopy(int version) {
    int length = valueLength(version);
    if (length == 0) {
      return NOTHING;
    }
    int offset = valueOffset(version);
    return Arrays.copyOfRange(valueSlab(version), offset, offset + length);
  }

  /** The first node or leaf; 0 if there is none. */
  int root() {
    return acquire(rootSlab, rootSlot);
  }

  /** The array in which a node, leaf or version is; where, tells {@link WordLog#offset}. */
  int[] slab(int address) {
    return words.slab(address);
  }

  /** One that was there when its piece was linked. */
  private int word(int address, int index) {
    return words.slab(address)[WordLog.offset(address) + index];
  }

  /**
   * A leaf whose key begins like this one for longer than any other's below.
   *
   * @param below a node or leaf. A reader that then goes down itself begins at the same one: a root
   *     that it reads later may have grown above what it compared
   */
  int similarLeaf(int below, byte[] key, int length) {
    int node = below;
    while (node > 0) {
      int[] slab = words.slab(node);
      int at = WordLog.offset(node);
      int depth = slab[at + TrieNodes.DEPTH];
      int slot = depth > length ? 0 : TrieNodes.find(slab, at, symbol(key, length, depth));
      int child = slot == 0 ? 0 : acquire(slab, slot);
      if (child == 0) {
        int any = TrieNodes.above(slab, at, TrieNodes.NONE);
        child = acquire(slab, TrieNodes.find(slab, at, any));
      }
      node = child;
    }
    return ~node;
  }

  /** Where a leaf's key and this one differ first; negative if they do not. */
  int differsAt(int leaf, byte[] key, int length) {
    int[] slab = words.slab(leaf);
    int at = WordLog.offset(leaf);
    int offset = ByteLog.offset(slab[at]);
    return Arrays.mismatch(
        key, 0, length, bytes.slab(slab[at]), offset, offset + slab[at + KEY_LENGTH]);
  }

  private boolean isKey(int leaf, byte[] key) {
    int[] slab = words.slab(leaf);
    int at = WordLog.offset(leaf);
    int offset = ByteLog.offset(slab[at]);
    return Arrays.equals(
        key, 0, key.length, bytes.slab(slab[at]), offset, offset + slab[at + KEY_LENGTH]);
  }

  /** The symbol of a leaf's key at a depth. */
  int symbolOf(int leaf, int depth) {
    int key = word(leaf, 0);
    return depth < keyLength(leaf)
        ? bytes.slab(key)[ByteLog.offset(key) + depth] & 0xff
        : TrieNodes.END;
  }

  int keyLength(int leaf) {
    return word(leaf, KEY_LENGTH);
  }

  /** Copies a leaf's key. */
  void copyKey(int leaf, byte[] into) {
    int key = word(leaf, 0);
    System.arraycopy(bytes.slab(key), ByteLog.offset(key), into, 0, keyLength(leaf));
  }

  /** A leaf's newest version. */
  int newest(int leaf) {
    return acquire(words.slab(leaf), WordLog.offset(leaf) + NEWEST);
  }

  /** The version before this one in time; 0 if there is none. */
  int older(int version) {
    return acquire(words.slab(version), WordLog.offset(version));
  }

  /** The newest version from this one on at or below timestamp and sequence; 0 if there is none. */
  int visible(int newest, long timestamp, long sequence) {
    int version = newest;
    while (version != 0 && timestamp(version) > timestamp) {
      version = stepToward(version, timestamp);
    }
    while (version != 0 && sequence(version) > sequence) {
      version = older(version);
    }
    return version;
  }

  /** From a version above the timestamp to an older one, not past the newest that is not above. */
  int stepToward(int version, long timestamp) {
    int jump = word(version, JUMP);
    boolean far = jump != version && timestamp(jump) > timestamp;
    return far ? jump : older(version);
  }

  long timestamp(int version) {
    int[] slab = words.slab(version);
    int at = WordLog.offset(version) + TIMESTAMP;
    return ((long) slab[at] << 32) | (slab[at + 1] & 0xffffffffL);
  }

  long sequence(int version) {
    return firstSequence + word(version, SEQUENCE);
  }

  EntryKind kind(int version) {
    return word(version, VALUE_LENGTH) < 0 ? EntryKind.PUT : EntryKind.TOMBSTONE;
  }

  int valueLength(int version) {
    return word(version, VALUE_LENGTH) & ~PUT_BIT;
  }

  /** Only of a value that has bytes. */
  byte[] valueSlab(int version) {
    return bytes.slab(word(version, VALUE));
  }

  int valueOffset(int version) {
    return ByteLog.offset(word(version, VALUE));
  }

  @Override
  public EntryIterator iterator(long sequence) {
    return new TrieIterator(this, sequence);
  }

  @Override
  public long bytes() {
    return held + ranges.bytes();
  }

  @Override
  public boolean isEmpty() {
    return root() == 0 && ranges.isEmpty();
  }
}
