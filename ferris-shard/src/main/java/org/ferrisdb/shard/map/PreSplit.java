package org.ferrisdb.shard.map;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ferrisdb.raft.NodeId;

/**
 * The first shards of a new cluster, before there is any data to measure. Pure functions.
 *
 * <p>An even split cuts the space of the first two bytes of a key into equal parts: right for
 * hashed or random keys, and no worse than one shard for all others. Who knows the keys gives the
 * split keys instead.
 */
public final class PreSplit {
  /** Most shards an even split makes: no two of them may start at the same two bytes. */
  public static final int MAX_SHARDS = 1 << 16;

  private PreSplit() {}

  /**
   * Cuts the key space into equal parts by the first two bytes.
   *
   * @param shards 1 to {@link #MAX_SHARDS}
   */
  public static List<KeyRange> evenly(int shards) {
    if (shards < 1 || shards > MAX_SHARDS) {
      throw new IllegalArgumentException(shards + " shards: a new cluster has 1 to " + MAX_SHARDS);
    }
    List<byte[]> keys = new ArrayList<>();
    for (int i = 1; i < shards; i++) {
      int prefix = (int) ((long) i * MAX_SHARDS / shards);
      byte high = (byte) (prefix >>> 8);
      byte low = (byte) prefix;
      keys.add(low == 0 ? new byte[] {high} : new byte[] {high, low});
    }
    return at(keys);
  }

  /**
   * Cuts the key space at the given keys, each of which becomes the first key of a shard.
   *
   * @param keys in any order
   * @throws IllegalArgumentException if one is empty or there twice
   */
  public static List<KeyRange> at(List<byte[]> keys) {
    List<byte[]> sorted = new ArrayList<>(keys);
    sorted.sort(Arrays::compareUnsigned);
    List<KeyRange> ranges = new ArrayList<>();
    byte[] start = new byte[0];
    for (byte[] key : sorted) {
      if (Arrays.equals(start, key)) {
        throw new IllegalArgumentException(
            key.length == 0
                ? "the empty key can not be a split key"
                : "a split key is there twice");
      }
      ranges.add(new KeyRange(start, key));
      start = key;
    }
    ranges.add(new KeyRange(start, new byte[0]));
    return ranges;
  }

  /**
   * Numbers the ranges from 1 and gives each its replicas: consecutive nodes, beginning one further
   * from shard to shard, so that replicas and first replicas (which the balancer prefers as
   * leaders) are spread evenly.
   *
   * @param ranges as {@link #evenly} or {@link #at} made them
   * @param nodes in the order to use, without duplicates
   * @param replicas of each shard; fewer where there are fewer nodes
   */
  public static List<ShardDescriptor> place(
      List<KeyRange> ranges, List<NodeId> nodes, int replicas) {
    if (nodes.isEmpty() || replicas < 1) {
      throw new IllegalArgumentException("a shard needs a node and a replica");
    }
    List<ShardDescriptor> shards = new ArrayList<>();
    for (int i = 0; i < ranges.size(); i++) {
      List<NodeId> members = new ArrayList<>();
      for (int r = 0; r < Math.min(replicas, nodes.size()); r++) {
        members.add(nodes.get((i + r) % nodes.size()));
      }
      shards.add(new ShardDescriptor(new ShardId(i + 1L), ranges.get(i), members, 1));
    }
    return shards;
  }
}
