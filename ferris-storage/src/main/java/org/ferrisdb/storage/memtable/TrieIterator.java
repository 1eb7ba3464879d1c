package org.ferrisdb.storage.memtable;

import static org.ferrisdb.storage.memtable.TrieNodes.acquire;
import static org.ferrisdb.storage.memtable.TrieNodes.symbol;

import java.util.Arrays;
import org.ferrisdb.storage.key.Entry;
import org.ferrisdb.storage.key.EntryIterator;
import org.ferrisdb.storage.key.EntryOrder;

/**
 * Walks a {@link TrieMemtable}: from leaf to leaf by the nodes above it, which it remembers with
 * the symbol taken at each, and from version to version of a leaf's key.
 *
 * <p>What is added while it walks is of later sequences, so it need not see it; it may stand on
 * nodes that have been replaced since.
 */
final class TrieIterator implements EntryIterator {
  private static final byte[] NOTHING = {};

  private final TrieMemtable memtable;
  private final long visible;

  private int[] nodes = new int[16];
  private int[] symbols = new int[16];
  private int height;

  /** 0: on no entry. */
  private int version;

  private int leaf;
  private final Entry entry = new Entry();
  private boolean keyIsCopied;

  /** The version that the entry shows. */
  private int shown;

  /** Going backward: the visible versions of the leaf, newest first, and which of them this is. */
  private int[] versions = new int[4];

  private int place = -1;

  TrieIterator(TrieMemtable memtable, long visible) {
    this.memtable = memtable;
    this.visible = visible;
  }

  // ---- from leaf to leaf -----------------------------------------------------------------------

  private void push(int node, int symbol) {
    if (height == nodes.length) {
      nodes = Arrays.copyOf(nodes, 2 * height);
      symbols = Arrays.copyOf(symbols, 2 * height);
    }
    nodes[height] = node;
    symbols[height++] = symbol;
  }

  /** Goes down to the first or the last leaf below. */
  private void descend(int from, boolean first) {
    int node = from;
    while (node > 0) {
      int[] slab = memtable.slab(node);
      int at = WordLog.offset(node);
      int symbol =
          first
              ? TrieNodes.above(slab, at, TrieNodes.NONE)
              : TrieNodes.below(slab, at, TrieNodes.LAST);
      push(node, symbol);
      node = acquire(slab, TrieNodes.find(slab, at, symbol));
    }
    standOn(~node);
  }

  private void standOn(int newLeaf) {
    leaf = newLeaf;
    keyIsCopied = false;
    place = -1;
  }

  /** From where the stack says we are, to the next leaf or the one before; false: there is none. */
  private boolean moveOn(boolean forward) {
    while (height > 0) {
      int[] slab = memtable.slab(nodes[height - 1]);
      int at = WordLog.offset(nodes[height - 1]);
      int symbol = symbols[height - 1];
      int next = forward ? TrieNodes.above(slab, at, symbol) : TrieNodes.below(slab, at, symbol);
      if (next == TrieNodes.LAST || next == TrieNodes.NONE) {
        height--;
        continue;
      }
      symbols[height - 1] = next;
      descend(acquire(slab, TrieNodes.find(slab, at, next)), forward);
      return true;
    }
    version = 0;
    return false;
  }

  /**
   * Goes to the key, and stands on its leaf; or, if it is not here, to the nearest one in the
   * direction.
   *
   * @return whether there is such a leaf
   */
  private boolean goTo(byte[] sought, boolean forward) {
    height = 0;
    version = 0;
    int node = memtable.root();
    if (node == 0) {
      return false;
    }
    int similar = memtable.similarLeaf(node, sought, sought.length);
    int differs = memtable.differsAt(similar, sought, sought.length);
    int until = differs < 0 ? Integer.MAX_VALUE : differs;
    int depth = Integer.MAX_VALUE;
    while (node > 0) {
      int[] slab = memtable.slab(node);
      int at = WordLog.offset(node);
      depth = slab[at + TrieNodes.DEPTH];
      if (depth >= until) {
        break;
      }
      int symbol = symbol(sought, sought.length, depth);
      push(node, symbol);
      int slot = TrieNodes.find(slab, at, symbol);
      node = slot == 0 ? 0 : acquire(slab, slot);
      if (node == 0) {
        throw new IllegalStateException("no child on the way of the similar key");
      }
    }
    if (differs < 0) {
      standOn(~node);
      return true;
    }
    int symbol = symbol(sought, sought.length, differs);
    if (node > 0 && depth == differs) {
      push(node, symbol);
      return moveOn(forward);
    }
    // All that is below goes on here as the similar one does.
    boolean above = memtable.symbolOf(similar, differs) > symbol;
    if (above == forward) {
      descend(node, forward);
      return true;
    }
    return moveOn(forward);
  }

  // ---- from version to version -----------------------------------------------------------------

  /** The newest visible version of this leaf or of the next one that has any. */
  private void takeNewestForward(boolean onLeaf) {
    boolean there = onLeaf;
    while (there) {
      int newest = memtable.newest(leaf);
      version = memtable.visible(newest, Long.MAX_VALUE, visible);
      if (version != 0) {
        return;
      }
      there = moveOn(true);
    }
  }

  /** The oldest visible version of this leaf or of the one before that has any. */
  private void takeOldestBackward(boolean onLeaf) {
    boolean there = onLeaf;
    while (there) {
      collectVersions();
      if (place >= 0) {
        version = versions[place];
        return;
      }
      there = moveOn(false);
    }
  }

  /** All visible versions of the leaf; the place is then that of the oldest. */
  private void collectVersions() {
    place = -1;
    int at = memtable.newest(leaf);
    while (at != 0) {
      if (memtable.sequence(at) <= visible) {
        if (++place == versions.length) {
          versions = Arrays.copyOf(versions, 2 * place);
        }
        versions[place] = at;
      }
      at = memtable.older(at);
    }
  }

  private int current() {
    if (version == 0) {
      throw new IllegalStateException("the iterator stands on no entry");
    }
    return version;
  }

  @Override
  public boolean valid() {
    return version != 0;
  }

  @Override
  public void seekFirst() {
    seekEnd(true);
  }

  @Override
  public void seekLast() {
    seekEnd(false);
  }

  private void seekEnd(boolean first) {
    height = 0;
    version = 0;
    int root = memtable.root();
    if (root == 0) {
      return;
    }
    descend(root, first);
    if (first) {
      takeNewestForward(true);
    } else {
      takeOldestBackward(true);
    }
  }

  @Override
  public void seek(byte[] sought, long timestamp) {
    if (!goTo(sought, true)) {
      return;
    }
    if (timestamp != Long.MAX_VALUE && memtable.differsAt(leaf, sought, sought.length) < 0) {
      int newest = memtable.newest(leaf);
      version = memtable.visible(newest, timestamp, visible);
      if (version == 0) {
        takeNewestForward(moveOn(true));
      }
      return;
    }
    takeNewestForward(true);
  }

  @Override
  public void seekBefore(byte[] sought) {
    boolean onLeaf = goTo(sought, false);
    if (onLeaf && memtable.differsAt(leaf, sought, sought.length) < 0) {
      onLeaf = moveOn(false);
    }
    takeOldestBackward(onLeaf);
  }

  @Override
  public boolean next() {
    int at = memtable.older(current());
    while (at != 0 && memtable.sequence(at) > visible) {
      at = memtable.older(at);
    }
    place = -1;
    if (at != 0) {
      version = at;
    } else {
      takeNewestForward(moveOn(true));
    }
    return version != 0;
  }

  @Override
  public boolean prev() {
    int here = current();
    if (place < 0) {
      collectVersions();
      while (versions[place] != here) {
        place--;
      }
    }
    if (place > 0) {
      version = versions[--place];
    } else {
      takeOldestBackward(moveOn(false));
    }
    return version != 0;
  }

  @Override
  public Entry entry() {
    int at = current();
    if (at != shown) {
      show(at);
    }
    return entry;
  }

  private void show(int at) {
    if (!keyIsCopied) {
      memtable.copyKey(leaf, entry.newKey(memtable.keyLength(leaf), 0));
      keyIsCopied = true;
    }
    int length = memtable.valueLength(at);
    entry.useVersion(
        EntryOrder.tag(memtable.timestamp(at), memtable.kind(at)),
        length == 0 ? NOTHING : memtable.valueSlab(at),
        length == 0 ? 0 : memtable.valueOffset(at),
        length);
    shown = at;
  }

  @Override
  public void close() {
    version = 0;
    height = 0;
  }
}
