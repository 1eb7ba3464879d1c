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
/// that files are read through the system's page cache, which holds all of them on this machine;
/// that what is read arrives in Java, byte by byte. FerrisDB's is the engine as it is shipped, with
/// a timestamp for every key. What a peer's makers recommend is set for it, see
/// [org.ferrisdb.benchmarks.storage.RocksStore].
///
/// **What is measured**: time and CPU of the whole process for one operation, background work
/// included. The machine is noisy: CPU and the median first. And what writing costs: bytes given to
/// write calls for a byte put ("write amplification"), the files' size, the longest wait of a
/// write.
///
/// **Gets from a store larger than its cache** are those of `readrandom-large`: the block cache
/// holds an eighth of the data, so most gets copy a block from the page cache, verify and
/// decompress it. None of the contestants bypasses the page cache: FerrisDB and LMDB can not.
///
/// **Cached reads** begin once everything has been read: filling the cache is not what is measured.
///
/// **Recovery** opens sixteen stores with 24 MiB of records in the log, as each would be after a
/// crash, with the settings of all other workloads: all are flushed while they are opened, which is
/// RocksDB's default as well. One store alone would measure the JVM's first second.
///
/// **Overwriting** puts twice as many records as there are, and then as many again: the second time
/// is in a steady state if it takes per put what the first did.
@NullMarked
package org.ferrisdb.benchmarks.storage;

import org.jspecify.annotations.NullMarked;
