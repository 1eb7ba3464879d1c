/// The race: FerrisDB against other databases, on one machine, in one run, with one driver.
///
/// **Who runs where.** `./ferris race` starts {@link org.ferrisdb.benchmarks.cluster.RaceCommand}.
/// For every repetition of every {@link org.ferrisdb.benchmarks.cluster.Contestant} it starts three
/// server processes on fresh directories, and then a process of its own for the driver ({@link
/// org.ferrisdb.benchmarks.cluster.DriverMain}), whose class path holds that contestant's client
/// library and no other's. So nobody's library decides another's version, no code that was compiled
/// for one store slows the calls to the next, and the CPU of servers and client can be told apart
/// from `/proc`.
///
/// **What is measured.** The {@link org.ferrisdb.benchmarks.cluster.Cell}s, with FerrisDB's own
/// {@link org.ferrisdb.node.cli.load.BenchRunner}: closed loops, latency from call to answer.
/// Contestants take turns (A B C, B C A, ...), so that a machine that becomes slower does so for
/// all. Ratios are formed within a repetition, and reported as the median with the smallest and the
/// largest.
///
/// **The words.** A *run* is one contestant's turn in one repetition, over all cells. *Compilers*
/// are the JVM's C1 and C2 threads: in a young JVM they take CPU that a server of some hours no
/// longer spends, so it is counted apart (it is part of the servers' CPU all the same).
///
/// Begin with {@link org.ferrisdb.benchmarks.cluster.Race}. The format of the results is drawn at
/// {@link org.ferrisdb.benchmarks.cluster.Results}.
@NullMarked
package org.ferrisdb.benchmarks.cluster;

import org.jspecify.annotations.NullMarked;
