/**
 * How a leader talks to its own replicated log: framing, numbering and the lease.
 *
 * <p>Raft promises that all replicas see the same entries in the same order. It does not promise
 * that they are the entries a leader <em>thinks</em> it has appended: a proposal may be refused,
 * lost with a deposed leader, or come through long after its proposer gave it up. A leader that
 * evaluates commands against what is still in flight needs to know. So every entry we propose
 * starts with a {@link org.ferrisdb.shard.log.LogEntryFrame frame} that names the term it was
 * proposed in, its number within that term and the number it was evaluated on top of; on every
 * replica an {@link org.ferrisdb.shard.log.EntryChain} accepts an entry only if exactly that
 * predecessor was the last one accepted. It is a compare-and-set on the state, carried out by the
 * log (rule 6 of the design).
 *
 * <p>A {@link org.ferrisdb.shard.log.LeaderTerm} is one leader in one term: it numbers and proposes
 * entries, keeps the lease alive with no-ops, waits until an earlier leader's lease has ended,
 * finds out that something went wrong and starts a fresh chain, and steps down when it can not go
 * on (rules 1 to 5). Data shards and the meta group use the same class.
 *
 * <p>Nothing here evaluates anything; nothing here knows what an entry's body means.
 */
@NullMarked
package org.ferrisdb.shard.log;

import org.jspecify.annotations.NullMarked;
