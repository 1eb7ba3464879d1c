/// How nodes become a cluster and stay one.
///
/// **Formation.** A node that starts with an empty disk asks every seed who it is. If one belongs
/// to a cluster, the node joins that. If all initial nodes answer and all are fresh, the first of
/// them writes a [ClusterPlan] to its disk: a new cluster id, the members, the shards. Once that
/// file is synced the cluster exists; the others take the plan over, pushed by the first or pulled
/// from whoever has it, and everybody creates its replicas from it. What to do next is a pure
/// function of what a node knows ([FormationDecision]), evaluated again and again until there is
/// nothing left to do, so a crash anywhere is just a later evaluation.
///
/// **Hosting.** [ShardHost] owns this node's replicas: one of the meta group perhaps, and of some
/// shards. [NodeMap] holds the newest shard map this node knows and who leads what.
///
/// **Peers.** [PeerClient] talks to other nodes' front doors: timestamps from the oracle (straight,
/// or around a broken link, [OracleRoute]), checkpoints ([CheckpointServer],
/// [PeerCheckpointFetcher]), registration, commands.
///
/// **Repair.** On the leader of a group, [ReplacementDriver] moves replicas away from nodes that
/// were replaced, and takes replicas that are being rebuilt out of the group and in again; on that
/// of meta, [LeaderDriver] spreads leaders. On every node, [Housekeeping] watches the disk, reopens
/// replicas that failed ([Healer]), rebuilds those that are damaged ([RepairDecision] says how,
/// [RepairDriver] does it) and deletes those that belong to no group ([StrayCollector]).
@NullMarked
package org.ferrisdb.node.cluster;

import org.jspecify.annotations.NullMarked;
