/**
 * A cluster without threads, sockets or clocks: the tools that tests of shards and of the meta
 * group are written with.
 *
 * <p>{@link org.ferrisdb.shard.testing.Simulation} is the clock and every thread at once: tasks
 * wait in one queue, ordered by their time, and run when the test says so. {@link
 * org.ferrisdb.shard.testing.SimulatedGroup} is a Raft group as its users see it, in which the test
 * decides what commits, what is lost, who leads and who does not know yet that he no longer does.
 * {@link org.ferrisdb.shard.testing.SimulatedOracle} hands out timestamps. Same calls, same run.
 *
 * <p>Here the test says what happens. In {@code org.ferrisdb.shard.simulation} a seed does, with
 * several nodes, clocks, disks and a Raft that elects: for what nobody thought of.
 */
@NullMarked
package org.ferrisdb.shard.testing;

import org.jspecify.annotations.NullMarked;
