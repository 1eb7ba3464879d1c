package org.ferrisdb.node.cluster;

import java.io.IOException;
import java.util.Optional;
import java.util.UUID;

/** What this node's disk says of its cluster. Thread-safe; what returns from here is synced. */
public interface Membership {
  /** The cluster it belongs to. */
  Optional<UUID> cluster();

  /** The plan it was made from; empty for a node that joined later. */
  Optional<ClusterPlan> plan();

  /** Whether the replicas of the plan have been made here. */
  boolean created();

  /** Takes a plan over, for good. */
  void accept(ClusterPlan plan) throws IOException;

  /** Becomes a new node of the cluster. */
  void join(UUID cluster) throws IOException;

  /** The replicas of the plan are there. */
  void setCreated() throws IOException;
}
