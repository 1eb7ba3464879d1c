package org.ferrisdb.shard;

import org.ferrisdb.shard.map.ShardDescriptor;
import org.ferrisdb.storage.EngineStats;
import org.jspecify.annotations.Nullable;

/**
 * A replica at an instant.
 *
 * @param descriptor what the shard is, as applied here; null before the first descriptor applied
 * @param serving whether this replica leads and answers requests; an idle leader whose lease has
 *     run out renews it with the next request, and counts
 * @param leading whether it leads (perhaps still waiting for an earlier lease to end)
 * @param leaseMillisLeft how long its lease still runs, 0 without one
 * @param queued requests waiting for evaluation
 * @param inFlight entries proposed and not yet applied
 * @param outcomes entries of the exactly-once table
 * @param appliedIndex Raft index applied
 * @param evaluated requests evaluated since start
 * @param proposed entries proposed since start
 * @param failure why it serves nothing, empty if it does
 * @param engine its storage
 */
public record ShardStatus(
    @Nullable ShardDescriptor descriptor,
    boolean serving,
    boolean leading,
    long leaseMillisLeft,
    int queued,
    int inFlight,
    int outcomes,
    long appliedIndex,
    long evaluated,
    long proposed,
    String failure,
    @Nullable EngineStats engine) {}
