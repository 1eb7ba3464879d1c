package org.ferrisdb.integration.workload;

import java.util.List;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.ClusterInfo;
import org.ferrisdb.client.KeyRange;

/**
 * Where the keys of a run lie. Immutable.
 *
 * <p>The first bytes of a key decide on its shard, so each kind of place has its own beginning, and
 * behind it the run's tag and a name:
 *
 * <pre>
 *   scattered       h1 h2 TAG name         h1 any byte, h2 from 01 to fe: by the name's hash
 *   in one shard    START 00 01 TAG name   START: the first key of the shard
 *   above a border  START 00 00 TAG name
 *   below a border  (START - 1) ff ff TAG name
 * </pre>
 *
 * The two sides of a border are neighbours in key order, with nobody else's keys between them, so
 * that one short scan crosses from one shard to the next.
 */
public final class KeySpace {
  private final List<Bytes> starts;
  private final String tag;

  /**
   * Makes one.
   *
   * @param starts the first key of each shard, rising; the first one is empty
   * @param tag of the run: letters, digits and dashes; differs between runs on one cluster
   */
  public KeySpace(List<Bytes> starts, String tag) {
    if (starts.isEmpty() || !starts.getFirst().isEmpty()) {
      throw new IllegalArgumentException("the first shard begins at the first key, not " + starts);
    }
    this.starts = List.copyOf(starts);
    this.tag = tag + "/";
  }

  /** That of a cluster with the shards it has now. */
  public static KeySpace of(ClusterInfo info, String tag) {
    return new KeySpace(info.shards().stream().map(s -> s.range().start()).toList(), tag);
  }

  /** How many shards there are. */
  public int shards() {
    return starts.size();
  }

  /** A key anywhere, as its name's hash wants it: keys with many names hit every shard. */
  public Bytes scattered(String name) {
    int hash = name.hashCode() * 0x9E3779B9;
    byte second = (byte) (1 + Integer.remainderUnsigned(hash >>> 8, 254));
    return Bytes.ofBytes((byte) (hash >>> 24), second).concat(tagged(name));
  }

  /**
   * A key in a shard of the caller's choice.
   *
   * @param shard any number; those beyond the last shard begin again with the first
   */
  public Bytes inShard(int shard, String name) {
    return startOf(shard).concat(Bytes.ofBytes((byte) 0, (byte) 1)).concat(tagged(name));
  }

  /** All keys that {@link #inShard} makes of names with this beginning. */
  public KeyRange inShardPrefix(int shard, String beginning) {
    return KeyRange.prefix(inShard(shard, beginning));
  }

  /**
   * A key just above a border between shards.
   *
   * @param border any number; 0 is the border between the first and the second shard
   */
  public Bytes above(int border, String name) {
    return borderStart(border).concat(Bytes.ofBytes((byte) 0, (byte) 0)).concat(tagged(name));
  }

  /** A key just below a border, in the shard before it; with one shard, in that one. */
  public Bytes below(int border, String name) {
    byte[] before = borderStart(border).toByteArray();
    if (before.length == 0) {
      return Bytes.ofBytes((byte) 0).concat(tagged(name)); // one shard: no border
    }
    int last = before.length - 1;
    while (last > 0 && before[last] == 0) {
      last--;
    }
    before[last]--;
    for (int i = last + 1; i < before.length; i++) {
      before[i] = (byte) 0xff;
    }
    return Bytes.ofBytes(before)
        .concat(Bytes.ofBytes((byte) 0xff, (byte) 0xff))
        .concat(tagged(name));
  }

  /** From the keys below a border to those above it whose names begin so, both sides included. */
  public KeyRange acrossBorder(int border, String beginning) {
    Bytes one = below(border, beginning);
    Bytes other = above(border, beginning);
    Bytes from = one.compareTo(other) <= 0 ? one : other;
    Bytes to = one.compareTo(other) <= 0 ? other : one;
    return new KeyRange(from, to.prefixEnd());
  }

  /**
   * The name of the shard that holds a key, as it was when the run began: {@code shard 1} and so
   * on, in the order of keys.
   */
  public String shardOf(Bytes key) {
    int shard = 0;
    while (shard + 1 < starts.size() && starts.get(shard + 1).compareTo(key) <= 0) {
      shard++;
    }
    return "shard " + (shard + 1);
  }

  private Bytes tagged(String name) {
    return Bytes.utf8(tag + name);
  }

  private Bytes startOf(int shard) {
    return starts.get(Math.floorMod(shard, starts.size()));
  }

  private Bytes borderStart(int border) {
    return starts.size() == 1
        ? Bytes.empty()
        : starts.get(1 + Math.floorMod(border, starts.size() - 1));
  }
}
