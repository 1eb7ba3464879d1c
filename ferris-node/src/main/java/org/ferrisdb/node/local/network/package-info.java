/// A network between local nodes that can be cut: what the live demo and the tests of partitions
/// put between processes that in truth share the loopback.
///
/// Every node advertises to its peers not its own ports but those of two [LinkProxy]s, one before
/// Raft and one before the front door (where nodes ask each other for timestamps and reports):
///
/// ```
///   n1 ──▶ proxy before n2's Raft port ────────▶ n2      who connected is looked up in the kernel's
///   n1 ──▶ proxy before n2's front door ───────▶ n2      table of sockets ([SocketOwner])
///   client ────────────────────────────────────▶ n2      clients take the direct way,
///   client ──▶ proxy for clients ──────────────▶ n2      or, where that is to be bad too, this one
/// ```
///
/// So a proxy knows both ends of each connection, and [NodeNetwork] has a [LinkState] for every
/// direction between two nodes. Bytes that meet a cut are swallowed and the connection stays open,
/// as when a network drops packets: neither end learns of it but by silence. What is slow waits in
/// a queue of its [LinkPump]; lost packets are stalls ([LossModel]), since all of it is TCP.
///
/// **Clients still reach a node that is cut off.** It is the interesting case: the old leader gets
/// requests, does not know yet that it was replaced, and must not answer a read from what it has.
@NullMarked
package org.ferrisdb.node.local.network;

import org.jspecify.annotations.NullMarked;
