/**
 * One shard, with all that it stands on, in one thread: how protocol bugs are found before a
 * cluster meets them. {@code docs/simulation.md} is for who wants to run it; this is how it works.
 *
 * <pre>
 *   SimClients, SimCall      processes that get, scan, put, delete, swap and repeat     (simulated)
 *        |  SimNetwork       slow, lossy, cut one way
 *   SimServer                ShardReplica, MetaReplica, BatchingTimestampSource         REAL
 *        |                   with their leases, loops, tables and engines
 *   SimMember, SimLog        Raft: elections, replication, checkpoints                  (simulated)
 *   SimNode                  clocks, threads, FaultyFileSystem: death, pause, power     (simulated)
 *   World                    one queue of events, one generator                         (simulated)
 * </pre>
 *
 * <p><b>Everything follows from a seed.</b> The seed makes the {@link
 * org.ferrisdb.shard.simulation.Weather} (how long a lease is, how many messages are lost, ...) and
 * the one generator that every delay and fault is drawn from. The {@link
 * org.ferrisdb.shard.simulation.Trace} hashes each event, so two runs can be compared. Nothing may
 * ask the real clock, start a thread, or go through a collection in the order of identity hashes.
 *
 * <p><b>A node stands still in the middle of its work.</b> Reading a clock is where code decides
 * about leases, and where a process can lose its processor. So a reading may run the whole world,
 * this node excepted, for a few leases before it returns. That is how "checked, then used" is told
 * from "used, then checked" without a thread.
 *
 * <p><b>Raft is simulated because Ratis can not be</b>: it has threads and clocks of its own. The
 * {@link org.ferrisdb.shard.simulation.SimMember} is written to be as bad as Raft allows: anybody
 * may campaign at any time, a deposed leader goes on until it hears of the next, its proposals
 * hang, and proposers are lied to. What ferris-raft adds to Ratis is not tested here.
 *
 * <p><b>Who judges</b>: the {@link org.ferrisdb.shard.simulation.Truth} reads the committed log by
 * rules of its own, and the {@link org.ferrisdb.shard.simulation.Judge} holds every answer against
 * it; the {@link org.ferrisdb.shard.simulation.RegisterChecker} looks at calls and answers alone.
 * During the run the replicas' states are compared at the same index, the oracle may not go back,
 * nothing may log an error, and at the end everybody must recover.
 *
 * <p><b>Whether the judge is awake</b> is asked by {@link
 * org.ferrisdb.shard.simulation.PlantedBugs}: changes of the production source, compiled for the
 * test only, each of which must be found.
 */
@NullMarked
package org.ferrisdb.shard.simulation;

import org.jspecify.annotations.NullMarked;
