package org.ferrisdb.node.console;

import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a node sees of its cluster at an instant, as far as a change of it is worth a sentence.
 *
 * @param atMillis wall clock
 * @param self this node's name
 * @param mapVersion of the shard map it knows, 0 before it has one
 * @param nodes by id: the nodes of the map
 * @param answering ids of the other nodes that have answered lately
 * @param everAnswered ids of those that have answered at all since this node started
 * @param groups by shard (s1, s2, ... or meta): the groups that have a replica here
 * @param shards by shard: what the map says
 * @param repairs by shard: id and node of the repair under way
 * @param diskLow whether writes are refused
 * @param diskFreeBytes free on the data directory
 * @param diskReserveBytes what must stay free
 */
record Observation(
    long atMillis,
    String self,
    long mapVersion,
    Map<String, NodeSeen> nodes,
    Set<String> answering,
    Set<String> everAnswered,
    SortedMap<String, GroupSeen> groups,
    SortedMap<String, ShardSeen> shards,
    SortedMap<String, RepairSeen> repairs,
    boolean diskLow,
    long diskFreeBytes,
    long diskReserveBytes) {

  Observation {
    nodes = Map.copyOf(nodes);
    answering = Set.copyOf(answering);
    everAnswered = Set.copyOf(everAnswered);
    groups = new TreeMap<>(groups);
    shards = new TreeMap<>(shards);
    repairs = new TreeMap<>(repairs);
  }

  /** A node of the map. */
  record NodeSeen(String name, boolean replaced) {}

  /**
   * A group, as its replica here sees it.
   *
   * @param leader name of its leader, empty if it knows none
   * @param lastLeader name of the leader it knew last, empty if it never knew one
   * @param term its term when it knew that leader
   * @param leaderlessSinceMillis since when it knows no leader, 0 if it does
   * @param failed whether the replica here takes part in nothing
   */
  record GroupSeen(
      String leader, String lastLeader, long term, long leaderlessSinceMillis, boolean failed) {}

  /** A shard of the map: its epoch, and the names of the nodes with a replica, comma-separated. */
  record ShardSeen(long epoch, String replicas) {}

  /** A repair of the map. */
  record RepairSeen(long id, String node) {}
}
