/// What clients ask of a cluster while it is broken, and how their answers become a history.
///
/// A [Workload] *decides* and *does*, apart from each other: `next` draws the next [Operation] from
/// a seeded random source, `run` performs one through a [Client]. So the same seed gives the same
/// operations in the same order, however slow the cluster is; which client gets which, and what it
/// is answered, is the cluster's doing. A compare-and-set, for one, expects the value that was
/// planned last for its key, and not the one that was read last.
///
/// A [Generator] runs one workload: so many clients, so many operations a second, for so long. When
/// the cluster is slow the clients fall behind and do not catch up in a burst: a burst after an
/// outage would be another fault, and not the one that was asked for.
///
/// The rules of a history (package `history`) are kept in one place, [Client]: every call has a
/// short deadline; what the cluster certainly refused is `fail`; anything else is `info`, and the
/// client goes on under a new process number.
///
/// | workload | asks | a bug that it finds |
/// |---|---|---|
/// | `register` | read, write, delete, compare-and-set of single keys | stale reads, lost updates, double application |
/// | `set` | adds elements, reads all of them at one timestamp | acknowledged writes that are gone |
/// | `counter` | reads and raises by compare-and-set | an update that is lost or counted twice |
/// | `bank` | moves money between accounts of one shard by conditional batches | half a batch, read skew |
/// | `scan` | writes keys on both sides of a shard's border, scans over it | a scan of two moments |
/// | `snapshot` | draws timestamps, reads at them, now and again later | a past that changes |
/// | `append`, `bank-shards`, `long-fork`, `write-skew` | transactions over shards | the anomalies of Adya's hierarchy |
///
/// The last four need transactions over several shards, which FerrisDB does not have yet. They are
/// written against [Transactions] and say so in a sentence instead of running
/// ([Workload#unsupported]).
///
/// Where keys lie is [KeySpace]'s business: the first bytes of a key decide on its shard, so a
/// workload says whether its keys are scattered, in one shard, or around a border. All keys of a
/// run carry its tag; several workloads and several runs can share a cluster.
///
/// Begin with [RegisterWorkload], then [Client], then [Generator].
@NullMarked
package org.ferrisdb.integration.workload;

import org.jspecify.annotations.NullMarked;
