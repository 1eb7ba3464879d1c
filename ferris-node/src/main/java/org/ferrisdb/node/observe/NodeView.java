package org.ferrisdb.node.observe;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ferrisdb.node.MemoryBudget;
import org.ferrisdb.node.cluster.DiskGuard;
import org.ferrisdb.node.cluster.NodeMap;
import org.ferrisdb.node.cluster.ShardHost;
import org.ferrisdb.node.config.NodeConfig;
import org.ferrisdb.node.server.Admission;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.shard.map.NodeRecord;
import org.ferrisdb.storage.ResourceStats;

/** What there is to see of a node; thread-safe and cheap. */
public interface NodeView {
  /** What it was told. */
  NodeConfig config();

  /** Who it is. */
  NodeRecord self();

  /** Its cluster, empty before it has one. */
  Optional<String> clusterId();

  /** What it is waiting for before it has a cluster; "member" after. */
  String formationState();

  /** Its replicas, once it has a cluster. */
  Optional<ShardHost> host();

  /** The shard map, once it has a cluster. */
  Optional<NodeMap> nodeMap();

  /** Its disk. */
  DiskGuard disk();

  /** Front door limits. */
  Admission admission();

  /** Who gets how much memory. */
  MemoryBudget memory();

  /** What its engines share. */
  ResourceStats storage();

  /** Milliseconds since each other node answered. */
  Map<NodeId, Long> peerSilence();

  /** Replicas that are being moved by this node. */
  List<String> replacements();

  /** Replicas reopened after a failure since start. */
  long reopened();

  /** Replicas rebuilt from their peers since start. */
  long rebuilt();

  /** Why it is not ready, empty if it is. */
  String notReady();

  /** When it started, wall clock. */
  long startedMillis();
}
