/**
 * Timestamps: the order of everything that commits or reads in the cluster.
 *
 * <p>A {@link org.ferrisdb.shard.Timestamps} is 64 bits: 48 of milliseconds since 1970, 16 of a
 * counter. One node at a time hands them out, the leader of the meta group, strictly increasing.
 * What makes that survive the leader is a <em>bound</em>: the {@link
 * org.ferrisdb.shard.oracle.TimestampOracle} hands out only timestamps below a bound that is
 * already committed and applied in the meta group's log, and a new leader begins at the bound that
 * it finds. So a bound that lies three seconds ahead costs one log entry in a few seconds, however
 * many timestamps are drawn.
 *
 * <p>Two things are left to get right. A deposed leader must not hand out timestamps below what its
 * successor has handed out: it answers only if its lease still holds <em>after</em> the draw, which
 * is the duty of the meta leader that owns the oracle. And a clock must not carry the cluster into
 * the future, from where no way leads back: {@link org.ferrisdb.shard.oracle.ClockGuard} follows
 * the wall clock but not its jumps.
 *
 * <p>On every node a {@link org.ferrisdb.shard.oracle.BatchingTimestampSource} gathers the draws of
 * all its shards into one request at a time. Its one subtlety is real time: whoever begins to wait
 * while a request is on its way must not use the answer, because that may be older than a timestamp
 * which somebody else has been given before the waiter came.
 */
@NullMarked
package org.ferrisdb.shard.oracle;

import org.jspecify.annotations.NullMarked;
