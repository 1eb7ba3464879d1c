/// The Java client of FerrisDB.
///
/// Start with [Ferris]: connect, `put`, `get`, `scan`, close. [AsyncFerris] is the same with
/// futures. Keys and values are [Bytes]; what a write returns is a [Version]; what can go wrong is
/// a [FerrisException], which says whether the write happened.
///
/// ## How a call travels
///
/// 1. The caller's thread makes a `Call` (which is also the future it waits on) and pushes it onto
///    a lock-free stack. From there on one thread, the client's event loop, owns it: `ClientCore`.
/// 2. The loop hangs the call into a timing wheel (`DeadlineWheel`), which ends it at its deadline
///    if nothing else does. When there is room among the calls in flight (`Admission`), it is
///    dispatched.
/// 3. The `Router` finds the shard of its key in a cached map, and `ShardRoute` the shard's leader.
///    If the leader is not known, one call goes searching and the others wait for it.
/// 4. `NodeLink` is the one connection to a node. Requests carry an id, answers come in any order.
///    All that is written in one turn of the loop leaves in one system call.
/// 5. An answer ends the call. A refusal corrects the map or the idea of who leads, and the call is
///    sent again; so it is when the connection breaks, or when the node hangs. All within the
///    deadline.
///
/// ## Why a repeated write is harmless
///
/// Every write is a numbered command of this client, with an expiry in the cluster's own time. The
/// shard remembers the outcome of a command at least until it expires or the client says that it
/// waits for it no more (`WriteLedger`), and answers a repeat with that outcome. `WriteCall`
/// explains when the client may say "not applied" and when it must say "unknown".
///
/// ## Scans
///
/// A scan is a sequence of pages, each from one shard, all at one timestamp: the first page brings
/// it. The arithmetic is in `ScanPlan`; `PageIterator` walks them, and `PagesAhead` fetches ahead:
/// one page, or as many as `Scan.readAhead` says, from several shards at once.
@NullMarked
package org.ferrisdb.client;

import org.jspecify.annotations.NullMarked;
