/**
 * Who should hold and who should lead what: pure functions from the cluster's state to the next
 * steps.
 *
 * <p>Nothing here does anything. Whoever executes (a node) reports what it sees, gets a list of
 * steps, carries them out, and asks again; so there is no progress to remember and none to lose. A
 * step that was carried out twice, or by two nodes at once, is harmless, because each is a
 * compare-and-set where it arrives: in Raft on the members, in the meta group on the epoch.
 *
 * <p>{@link org.ferrisdb.shard.placement.ReplacementPlanner} moves the replicas of a node that came
 * back with an empty disk (a new id under the old name) to its successor; {@link
 * org.ferrisdb.shard.placement.LeaderBalancer} spreads leaderships.
 */
@NullMarked
package org.ferrisdb.shard.placement;

import org.jspecify.annotations.NullMarked;
