package org.ferrisdb.shard.map;

/**
 * A shard's number, unique in the cluster's life; 0 stands for the meta group, shards count from 1.
 */
public record ShardId(long value) implements Comparable<ShardId> {
  /** The meta group. */
  public static final ShardId META = new ShardId(0);

  @Override
  public int compareTo(ShardId other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return this.equals(META) ? "meta" : "s" + value;
  }
}
