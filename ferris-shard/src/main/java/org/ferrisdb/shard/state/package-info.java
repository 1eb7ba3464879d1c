/**
 * What a shard <em>is</em>, the same on every replica: its keys, its descriptor, the outcomes of
 * its clients' writes. Changed by log entries and by nothing else.
 *
 * <p>An {@link org.ferrisdb.shard.state.EntryBody} is what a leader decided; {@link
 * org.ferrisdb.shard.state.EntryBodyCodec} is its form in the log. {@link
 * org.ferrisdb.shard.state.ShardState} applies one: a single {@link
 * org.ferrisdb.storage.WriteBatch} holds the user's versions <em>and</em> the records about them,
 * so that a crash can not separate a write from the memory of having done it. {@link
 * org.ferrisdb.shard.state.StateKeys} draws where in the engine's key space they lie.
 *
 * <p>Determinism (rule 9): no clock, randomness or local limit is looked at here. Time is the
 * newest timestamp that the log has carried.
 *
 * <p>Exactly once (rule 10): {@link org.ferrisdb.shard.state.OutcomeTable} remembers how each
 * client's calls ended, refused conditions included, until they can not be repeated any more.
 */
@NullMarked
package org.ferrisdb.shard.state;

import org.jspecify.annotations.NullMarked;
