package org.ferrisdb.shard.meta;

import java.util.List;

/**
 * The meta group's replica on this node, at an instant.
 *
 * @param leading whether it leads in Raft (perhaps still waiting for an earlier lease to end)
 * @param serving see {@link MetaReplica#serving}
 * @param leaseMillisLeft how long its lease still runs; 0 without one, and while nobody asks
 *     anything
 * @param clockAlarm whether this node's wall clock was not believed when it last drew
 * @param drawn timestamps this node's oracle has handed out since it started
 * @param oracleBound as applied here
 * @param mapVersion as applied here
 * @param appliedIndex Raft index applied
 * @param operations replacements under way, as applied here
 * @param failure why it takes part in nothing, empty if it does
 */
public record MetaStatus(
    boolean leading,
    boolean serving,
    long leaseMillisLeft,
    boolean clockAlarm,
    long drawn,
    long oracleBound,
    long mapVersion,
    long appliedIndex,
    List<ReplicaReplacement> operations,
    String failure) {
  public MetaStatus {
    operations = List.copyOf(operations);
  }
}
