package org.ferrisdb.shard.map;

import java.util.List;

/**
 * The whole routing table at a version. Immutable.
 *
 * @param version rises with every change
 * @param shards sorted by range, covering the key space without gap or overlap; empty before the
 *     cluster is formed
 * @param nodes every node known
 * @param metaMembers descriptor of the meta group (id 0, range empty of meaning)
 */
public record ShardMap(
    long version,
    List<ShardDescriptor> shards,
    List<NodeRecord> nodes,
    ShardDescriptor metaMembers) {
  public ShardMap {
    shards = List.copyOf(shards);
    nodes = List.copyOf(nodes);
  }
}
