package org.ferrisdb.storage.memtable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.ferrisdb.storage.EntryKind;
import org.ferrisdb.storage.Versioned;
import org.ferrisdb.storage.key.Entry;
import org.ferrisdb.storage.key.EntryIterator;
import org.ferrisdb.storage.key.EntryOrder;
import org.ferrisdb.storage.key.RangeTombstone;
import org.ferrisdb.storage.key.RangeTombstones;
import org.jspecify.annotations.Nullable;

/**
 * A skip list: sorted linked lists in layers, each layer a quarter as dense as the one below.
 *
 * <pre>
 *   head --------------------> d -----------------> nil
 *   head -------> b ---------> d -----------------> nil
 *   head --> a -> b --> c ---> d --> e ---> f ----> nil
 * </pre>
 *
 * <p>Nodes are never removed or changed, so readers need no locks: the single writer fills a node
 * in and then links it from the bottom layer up with release stores; a reader that meets a link by
 * an acquire load sees the whole node behind it.
 *
 * <p>The order is key ascending, timestamp descending, sequence descending: of a version written
 * twice the later writing comes first.
 */
public final class SkipListMemtable implements Memtable {
  private static final int MAX_HEIGHT = 14;
  private static final VarHandle LINK = MethodHandles.arrayElementVarHandle(Node[].class);
  private static final byte[] NOTHING = new byte[0];

  /** Object headers, fields and array headers of a node, its key and its value (64-bit JVM). */
  private static final int NODE_BYTES = 48 + 16 + 16 + 16;

  private final Node head = new Node(NOTHING, 0, 0, EntryKind.TOMBSTONE, NOTHING, MAX_HEIGHT);
  private final @Nullable Node[] before = new Node[MAX_HEIGHT];
  private final RangeBuffer ranges = new RangeBuffer();
  private volatile int height = 1;
  private volatile long bytes; // what readers see of `held`
  private long held;
  private long random = 0x9E3779B97F4A7C15L;

  private static final class Node {
    final byte[] key;
    final long timestamp;
    final long sequence;
    final EntryKind kind;
    final byte[] value;
    final @Nullable Node[] next;

    Node(byte[] key, long timestamp, long sequence, EntryKind kind, byte[] value, int height) {
      this.key = key;
      this.timestamp = timestamp;
      this.sequence = sequence;
      this.kind = kind;
      this.value = value;
      this.next = new Node[height];
    }

    @Nullable Node next(int layer) {
      return (Node) LINK.getAcquire(next, layer);
    }

    /** Whether this node stands before the position (key, timestamp, sequence). */
    boolean isBefore(byte[] otherKey, long otherTimestamp, long otherSequence) {
      int order = Arrays.compareUnsigned(key, otherKey);
      if (order != 0) {
        return order < 0;
      }
      return timestamp != otherTimestamp ? timestamp > otherTimestamp : sequence > otherSequence;
    }
  }

  @Override
  public void add(byte[] key, long timestamp, long sequence, EntryKind kind, byte[] value) {
    Node node = new Node(key, timestamp, sequence, kind, value, randomHeight());
    Node at = head;
    for (int layer = Math.max(height, node.next.length) - 1; layer >= 0; layer--) {
      Node next = at.next(layer);
      while (next != null && next.isBefore(key, timestamp, sequence)) {
        at = next;
        next = at.next(layer);
      }
      if (layer < node.next.length) {
        before[layer] = at;
        node.next[layer] = next;
      }
    }
    for (int layer = 0; layer < node.next.length; layer++) {
      Node predecessor = before[layer];
      if (predecessor != null) {
        LINK.setRelease(predecessor.next, layer, node);
      }
    }
    if (node.next.length > height) {
      height = node.next.length;
    }
    held += NODE_BYTES + 4L * node.next.length + key.length + value.length;
    bytes = held;
  }

  /** Height h with probability 3/4 * (1/4)^(h-1), from a xorshift generator of our own. */
  private int randomHeight() {
    random ^= random << 13;
    random ^= random >>> 7;
    random ^= random << 17;
    return Math.min(MAX_HEIGHT, 1 + Long.numberOfTrailingZeros(random | 1L << 40) / 2);
  }

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
    Node node = ceiling(key, timestamp, Long.MAX_VALUE);
    while (node != null && Arrays.equals(node.key, key)) {
      if (node.sequence <= sequence) {
        return new Versioned(node.timestamp, node.kind, node.value);
      }
      node = node.next(0);
    }
    return null;
  }

  private @Nullable Node ceiling(byte[] key, long timestamp, long sequence) {
    // The link is read once more after the descent, and the writer may have put a node in between
    // that stands before the position: a reader that took it for the answer would miss its key.
    Node node = lower(key, timestamp, sequence).next(0);
    while (node != null && node.isBefore(key, timestamp, sequence)) {
      node = node.next(0);
    }
    return node;
  }

  /** The last node before the position; the head if there is none. */
  private Node lower(byte[] key, long timestamp, long sequence) {
    Node at = head;
    Node known = null; // a node that was seen to stand at or after the position
    for (int layer = height - 1; layer >= 0; layer--) {
      Node next = at.next(layer);
      while (next != null && next != known && next.isBefore(key, timestamp, sequence)) {
        at = next;
        next = at.next(layer);
      }
      known = next;
    }
    return at;
  }

  private Node last() {
    Node at = head;
    for (int layer = height - 1; layer >= 0; layer--) {
      for (Node next = at.next(layer); next != null; next = at.next(layer)) {
        at = next;
      }
    }
    return at;
  }

  @Override
  public EntryIterator iterator(long sequence) {
    return new NodeIterator(sequence);
  }

  @Override
  public long bytes() {
    return bytes + ranges.bytes();
  }

  @Override
  public boolean isEmpty() {
    return head.next(0) == null && ranges.isEmpty();
  }

  private final class NodeIterator implements EntryIterator {
    private final long visible;
    private final Entry entry = new Entry();
    private @Nullable Node node;

    NodeIterator(long visible) {
      this.visible = visible;
    }

    private Node current() {
      Node here = node;
      if (here == null) {
        throw new IllegalStateException("the iterator stands on no entry");
      }
      return here;
    }

    private void skipInvisibleForward() {
      while (node != null && node.sequence > visible) {
        node = node.next(0);
      }
    }

    private void skipInvisibleBackward(Node from) {
      Node at = from;
      while (at != head && at.sequence > visible) {
        at = lower(at.key, at.timestamp, at.sequence);
      }
      node = at == head ? null : at;
    }

    @Override
    public boolean valid() {
      return node != null;
    }

    @Override
    public void seekFirst() {
      node = head.next(0);
      skipInvisibleForward();
    }

    @Override
    public void seekLast() {
      skipInvisibleBackward(last());
    }

    @Override
    public void seek(byte[] key, long timestamp) {
      node = ceiling(key, timestamp, Long.MAX_VALUE);
      skipInvisibleForward();
    }

    @Override
    public void seekBefore(byte[] key) {
      skipInvisibleBackward(lower(key, Long.MAX_VALUE, Long.MAX_VALUE));
    }

    @Override
    public boolean next() {
      node = current().next(0);
      skipInvisibleForward();
      return node != null;
    }

    @Override
    public boolean prev() {
      Node here = current();
      skipInvisibleBackward(lower(here.key, here.timestamp, here.sequence));
      return node != null;
    }

    @Override
    public Entry entry() {
      Node here = current();
      entry.useKey(here.key);
      entry.useVersion(EntryOrder.tag(here.timestamp, here.kind), here.value, 0, here.value.length);
      return entry;
    }

    @Override
    public void close() {
      node = null;
    }
  }
}
