package org.ferrisdb.raft.ratis;

import org.apache.ratis.proto.RaftProtos.RaftGroupIdProto;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftMember;
import org.ferrisdb.raft.RaftTransport;
import org.jspecify.annotations.Nullable;

/** What the transport needs to know of the node it belongs to. */
interface RpcContext {
  RaftMember self();

  RaftTransport transport();

  RatisSettings settings();

  /** The replica of the group here, null if there is none. */
  @Nullable ReplicaStateMachine replica(RaftGroupIdProto group);

  /** A connection to or from a peer broke, and not because this node closed it. */
  void connectionLost(NodeId peer);
}
