/**
 * A shard: the part of the key space that one Raft group keeps, on each of its nodes.
 *
 * <p>{@link org.ferrisdb.shard.ShardReplica} is one replica, seen from both sides: the node asks it
 * with {@link org.ferrisdb.shard.ShardRequests}, and Raft gives it the entries to apply. What it
 * needs of its node comes in a {@link org.ferrisdb.shard.ShardEnvironment}; what it can not do it
 * says in a {@link org.ferrisdb.shard.ShardException}, which always tells whether a write may have
 * been applied. Where the time of a request goes is noted in its {@link
 * org.ferrisdb.shard.RequestStages}.
 *
 * <p>Three packages do the work, and a reader may take them in this order:
 *
 * <ol>
 *   <li>{@code log}: how a leader talks to its own log, so that it knows what it may count on;
 *   <li>{@code state}: what the entries change, the same on every replica;
 *   <li>{@code leader}: how requests become entries and answers.
 * </ol>
 *
 * <p>{@code map} says which shard owns which key; {@code meta} is the group that keeps that map and
 * the oracle of {@link org.ferrisdb.shard.Timestamps timestamps}.
 */
@NullMarked
package org.ferrisdb.shard;

import org.jspecify.annotations.NullMarked;
