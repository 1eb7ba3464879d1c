/// The front door: where clients and other nodes come in.
///
/// One connection is one [Connection], confined to its event loop. It decodes frames, insists on a
/// `Hello` first, holds the connection to its limits, and passes each request to a
/// [RequestHandler], which answers with a future. Answers come back from other threads in any
/// order; they are queued and written in one go per wake-up of the event loop, so that a thousand
/// answers cost a few system calls.
///
/// Nothing here waits. What a request needs of a shard is asked of the shard's evaluation loop;
/// what needs a file belongs to worker threads. Every request ends by its deadline: if no answer
/// has come, the connection itself sends `DEADLINE`, and what arrives later is dropped.
///
/// Limits, from the inside out:
///
/// - a connection with too many unanswered requests or bytes is not read from until half of them
///   are answered (back-pressure, the client sees a slow socket);
/// - a node with too many bytes in all refuses requests with `OVERLOADED` (certainly not applied);
/// - a connection too many is told so and closed;
/// - a frame too long, or one that does not parse, closes that connection and no other.
@NullMarked
package org.ferrisdb.node.server;

import org.jspecify.annotations.NullMarked;
