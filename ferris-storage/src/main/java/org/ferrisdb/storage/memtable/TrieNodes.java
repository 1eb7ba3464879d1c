package org.ferrisdb.storage.memtable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The inner nodes of a {@link TrieMemtable}, as ints in an array, and how to find a way in them. A
 * node lies in one array; its children may lie in others, see {@link WordLog}.
 *
 * <pre>
 *   word  0      header: type (2 bits), children (the others)
 *         1      depth: which byte of the key decides here
 *         2      child for the key that ends here, 0 if there is none
 *
 *   NODE4        3      4 bytes of keys        4 ..  7    children, in the order in which they came
 *   NODE16       3..6   16 bytes of keys       7 .. 22    the same
 *   NODE48       3..66  256 bytes, one for     67 .. 114  the same
 *                       each byte of a key: which child, from 1; 0: none
 *   NODE256                                    3 .. 258   one for each byte of a key
 * </pre>
 *
 * <p>A child is a word: the address of a node, or the complement of the address of a leaf, or 0. A
 * key that ends at a node comes before all that go on: its symbol is {@link #END}.
 *
 * <p>Readers need no locks. A child is stored before the header, or the byte, that tells of it, and
 * is itself stored by a release; a node's children are only ever added to, or replaced by a node
 * that holds the same leaves and one more. Reading is pure: the array is given.
 */
final class TrieNodes {
  /** What stands for the byte behind the last one of a key. */
  static final int END = -1;

  /** Behind the largest symbol. */
  static final int LAST = 256;

  /** There is no such symbol. */
  static final int NONE = -2;

  static final int NODE4 = 0;
  static final int NODE16 = 1;
  static final int NODE48 = 2;
  static final int NODE256 = 3;

  static final int DEPTH = 1;
  static final int END_CHILD = 2;
  static final int KEYS = 3;

  private static final int[] WORDS = {8, 23, 115, 259};
  private static final int[] CHILDREN = {4, 7, 67, 3};
  private static final int[] CAPACITY = {4, 16, 48, 256};

  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(int[].class);

  private TrieNodes() {}

  /** Words of a node of the type. */
  static int words(int type) {
    return WORDS[type];
  }

  static int type(int header) {
    return header & 3;
  }

  static int count(int header) {
    return header >>> 2;
  }

  static int header(int type, int count) {
    return count << 2 | type;
  }

  static boolean isFull(int header) {
    return count(header) == CAPACITY[type(header)];
  }

  /** Index of the first child's word. */
  static int children(int node, int type) {
    return node + CHILDREN[type];
  }

  static int acquire(int[] words, int index) {
    return (int) WORD.getAcquire(words, index);
  }

  static void release(int[] words, int index, int value) {
    WORD.setRelease(words, index, value);
  }

  /** The symbol by which a key goes on at a depth that it reaches. */
  static int symbol(byte[] key, int length, int depth) {
    return depth < length ? key[depth] & 0xff : END;
  }

  /** Index of the word that holds the child for the symbol; 0 if there is no such child. */
  static int find(int[] words, int node, int symbol) {
    if (symbol == END) {
      return node + END_CHILD;
    }
    int header = acquire(words, node);
    return switch (type(header)) {
      case NODE4 -> findInWord(words[node + KEYS], symbol, count(header), node + CHILDREN[NODE4]);
      case NODE16 -> findIn16(words, node, symbol, count(header));
      case NODE48 -> {
        int child = position48(words, node, symbol);
        yield child == 0 ? 0 : node + CHILDREN[NODE48] + child - 1;
      }
      default -> node + CHILDREN[NODE256] + symbol;
    };
  }

  private static int findIn16(int[] words, int node, int symbol, int count) {
    for (int from = 0; from < count; from += 4) {
      int child =
          findInWord(
              words[node + KEYS + (from >>> 2)],
              symbol,
              count - from,
              node + CHILDREN[NODE16] + from);
      if (child != 0) {
        return child;
      }
    }
    return 0;
  }

  /**
   * The first of four bytes that is the symbol, found by arithmetic: a byte that is zero borrows
   * from its highest bit (Warren, Hacker's Delight, 6-1). The lowest one found is a true one.
   */
  private static int findInWord(int keys, int symbol, int count, int children) {
    int differs = keys ^ (symbol * 0x01010101);
    int zeros = (differs - 0x01010101) & ~differs & 0x80808080;
    int at = Integer.numberOfTrailingZeros(zeros) >>> 3;
    return zeros != 0 && at < count ? children + at : 0;
  }

  /** In a NODE48: which child has the symbol, from 1; 0 if none. */
  static int position48(int[] words, int node, int symbol) {
    return (acquire(words, node + KEYS + (symbol >>> 2)) >>> ((symbol & 3) << 3)) & 0xff;
  }

  /** Which of the bytes of a NODE4 or NODE16 is at the place. */
  static int keyAt(int[] words, int node, int place) {
    return (words[node + KEYS + (place >>> 2)] >>> ((place & 3) << 3)) & 0xff;
  }

  /** The smallest symbol above the given one that has a child; {@link #LAST} if there is none. */
  static int above(int[] words, int node, int symbol) {
    if (symbol < END && acquire(words, node + END_CHILD) != 0) {
      return END;
    }
    int header = acquire(words, node);
    int least = Math.max(symbol, END) + 1;
    if (type(header) <= NODE16) {
      int best = LAST;
      for (int i = 0; i < count(header); i++) {
        int key = keyAt(words, node, i);
        best = key >= least && key < best ? key : best;
      }
      return best;
    }
    for (int key = least; key < LAST; key++) {
      if (isIn(words, node, type(header), key)) {
        return key;
      }
    }
    return LAST;
  }

  /** The largest symbol below the given one that has a child; {@link #NONE} if there is none. */
  static int below(int[] words, int node, int symbol) {
    int header = acquire(words, node);
    int best = NONE;
    if (type(header) <= NODE16) {
      for (int i = 0; i < count(header); i++) {
        int key = keyAt(words, node, i);
        best = key < symbol && key > best ? key : best;
      }
    } else {
      for (int key = symbol - 1; key >= 0 && best == NONE; key--) {
        best = isIn(words, node, type(header), key) ? key : NONE;
      }
    }
    boolean ends = best == NONE && symbol > END && acquire(words, node + END_CHILD) != 0;
    return ends ? END : best;
  }

  private static boolean isIn(int[] words, int node, int type, int key) {
    return type == NODE48
        ? position48(words, node, key) != 0
        : acquire(words, node + CHILDREN[NODE256] + key) != 0;
  }

  // ---- writing, for the one thread that may ----------------------------------------------------

  /** Adds a child to a node that is not full and has none for the symbol. */
  static void add(int[] words, int node, int symbol, int child) {
    if (symbol == END) {
      release(words, node + END_CHILD, child);
      return;
    }
    int header = words[node];
    int count = count(header);
    int type = type(header);
    switch (type) {
      case NODE256 -> release(words, node + CHILDREN[type] + symbol, child);
      case NODE48 -> {
        release(words, node + CHILDREN[type] + count, child);
        int at = node + KEYS + (symbol >>> 2);
        release(words, at, words[at] | ((count + 1) << ((symbol & 3) << 3)));
      }
      default -> {
        release(words, node + CHILDREN[type] + count, child);
        words[node + KEYS + (count >>> 2)] |= symbol << ((count & 3) << 3);
      }
    }
    release(words, node, header(type, count + 1));
  }

  /** Writes into fresh words a node of the next larger type with the same children. */
  static void copyLarger(int[] words, int node, int[] into, int larger) {
    int header = words[node];
    into[larger] = header(type(header) + 1, 0);
    into[larger + DEPTH] = words[node + DEPTH];
    into[larger + END_CHILD] = words[node + END_CHILD];
    for (int symbol = above(words, node, END); symbol < LAST; symbol = above(words, node, symbol)) {
      add(into, larger, symbol, words[find(words, node, symbol)]);
    }
  }
}
