/// The storage race: FerrisDB's engine against what a Java program would embed instead, RocksDB
/// (through its JNI) and LMDB (through lmdbjava).
///
/// `./ferris race storage` starts [org.ferrisdb.benchmarks.storage.StorageRaceCommand]. For every
/// repetition of every contestant it starts a JVM of its own
/// ([org.ferrisdb.benchmarks.storage.DriverMain]), in turns, which does db_bench's workloads
/// ([org.ferrisdb.benchmarks.storage.Workload]) on a fresh directory through one small interface
/// ([org.ferrisdb.benchmarks.storage.Store]).
///
/// **What is the same for all**: the JVM and its options (those of a node), keys, values, their
/// order, the cache's size, the size of what is gathered in memory; that checksums are verified;
/// that what is read arrives in Java, byte by byte. FerrisDB's is the engine as it is shipped, with
/// a timestamp for every key. What a peer's makers recommend is set for it, see
/// [org.ferrisdb.benchmarks.storage.RocksStore].
///
/// **What is measured**: time and CPU of the whole process for one operation, background work
/// included. The machine is noisy: CPU and the median first.
@NullMarked
package org.ferrisdb.benchmarks.storage;

import org.jspecify.annotations.NullMarked;
