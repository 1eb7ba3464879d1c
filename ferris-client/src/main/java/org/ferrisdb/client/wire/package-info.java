/// The wire protocol of FerrisDB: what travels over a connection, and the code that puts it there.
///
/// A connection carries *frames* in both directions. A frame is four bytes of length, big endian,
/// and then that many bytes of one protobuf `Envelope`:
///
/// ```
///   offset  0         4                              4 + length
///           +---------+------------------------------+
///           | length  | Envelope (protobuf)          |
///           +---------+------------------------------+
/// ```
///
/// An `Envelope` has an id and one body. The side that asks chooses the id; the answer carries it
/// back, so that many requests can be in flight at once and be answered in any order. The first
/// request is always `Hello`, whose answer tells who the node is, which cluster it belongs to and
/// how long a frame may be. All messages are defined, with comments, in `ferris.proto`; the classes
/// of this package that you do not find in the source tree are generated from it.
///
/// [FrameCodec] installs three Netty handlers, the same on the client's side and in the node's
/// front door:
///
/// 1. [FrameDecoder] cuts the byte stream into frames and parses them. The length is checked
///    *before* any memory is set aside for it. What does not parse ends this one connection, with
///    one log line, and nothing else.
/// 2. [FrameEncoder] writes an envelope with its length into one pooled buffer.
/// 3. [TickFlush] collects what is written in one turn of the event loop and flushes it at the
///    turn's end: a thousand small requests then cost one system call and not a thousand.
@NullMarked
package org.ferrisdb.client.wire;

import org.jspecify.annotations.NullMarked;
