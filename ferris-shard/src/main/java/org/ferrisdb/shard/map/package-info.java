/**
 * The shard map: which shard owns which keys, and which nodes hold its replicas.
 *
 * <p>The key space is cut into ranges. A {@link org.ferrisdb.shard.map.ShardDescriptor} says of one
 * shard what it owns, who replicates it, and at which <em>epoch</em> that is true; every request
 * names the epoch it was routed by, so that a stale route is noticed instead of answered. A {@link
 * org.ferrisdb.shard.map.ShardMap} is the whole table with the registry of nodes, at a version. It
 * is immutable and checked when it is made: sorted, no gap, no overlap. Whoever holds one can
 * therefore look keys up without asking what to do with a hole.
 *
 * <p>{@link org.ferrisdb.shard.map.PreSplit} computes the first ranges of a new cluster, and {@link
 * org.ferrisdb.shard.map.ShardMapCodec} gives the table a binary form, for caches and for the wire.
 * {@link org.ferrisdb.shard.map.FieldWriter} and {@link org.ferrisdb.shard.map.FieldReader} are the
 * few primitives that this format and those of the meta group are made of.
 */
@NullMarked
package org.ferrisdb.shard.map;

import org.jspecify.annotations.NullMarked;
