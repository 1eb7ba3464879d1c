/**
 * The meta group: what the whole cluster agrees on, in a Raft group of its own.
 *
 * <p>It holds the shard map with the registry of nodes, the settings of the cluster, the bound of
 * the timestamp oracle, and a record of every replica that is being replaced. All of that is one
 * immutable {@link org.ferrisdb.shard.meta.MetaState}; a {@link
 * org.ferrisdb.shard.meta.MetaCommand} turns it into the next one by {@link
 * org.ferrisdb.shard.meta.MetaRules}, a pure function that every replica applies to the same log.
 *
 * <p>Unlike a data shard, meta decides nothing before an entry is in the log: commands are rare, so
 * they are decided where they apply, and a leader has no overlay to keep. What a leader does add is
 * the oracle, which is answered from memory. Its two conditions come from other packages: the bound
 * that is applied before it is used ({@code oracle}), and the lease that is checked after the draw
 * ({@code log}). Follow {@code MetaLeader.draw} to see them meet.
 *
 * <p>Replacing a node's replicas needs no coordinator. When a new id registers under a name that is
 * taken, the same entry marks the old id as replaced and opens one {@link
 * org.ferrisdb.shard.meta.ReplicaReplacement} for each of its replicas; when a group's leader
 * reports that Raft has the new voters, that entry closes it. In between, {@code placement} says to
 * anybody who asks what the next step is.
 */
@NullMarked
package org.ferrisdb.shard.meta;

import org.jspecify.annotations.NullMarked;
