/**
 * The only package that knows Apache Ratis. Nothing in it is for other modules; {@link
 * org.ferrisdb.raft.RaftNode} is the door.
 *
 * <p>Ratis brings elections, the log on disk, and membership changes. Around it stands what it
 * lacks:
 *
 * <ul>
 *   <li>a transport ({@code PeerRpc}, {@code PeerChannel}, {@code PeerServer}): framed protobuf
 *       over Netty with a handshake; event loops never wait for a lock or a disk, so one slow group
 *       does not delay another's heartbeats;
 *   <li>an appender ({@code ReplicationAppender}) that sends from the thread which appended, goes
 *       on from the event loop that brings the answer, and tells a follower to fetch a checkpoint
 *       when the log no longer reaches back to it; one request in flight per follower and group;
 *   <li>an adapter ({@code ReplicaStateMachine}) between Ratis's state machine and ours, which also
 *       knows when entries were last received (the lease needs it) and makes directories durable
 *       (Ratis syncs files only);
 *   <li>a second copy of the term and the vote ({@code DurableVote}), because Ratis loses its own
 *       on a full disk and goes on with a term that it could not write;
 *   <li>a host ({@code RatisHost}) with a list of its groups on disk, which opens each by itself,
 *       so that one damaged log does not keep the others from starting, and an emptied directory is
 *       not taken for a new group; and a watch ({@code GroupWatch}) that ends what Ratis would let
 *       go on for ever, and closes what has failed.
 * </ul>
 */
@NullMarked
package org.ferrisdb.raft.ratis;

import org.jspecify.annotations.NullMarked;
