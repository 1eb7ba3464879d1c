package org.ferrisdb.raft.ratis;

import org.apache.ratis.conf.Parameters;
import org.apache.ratis.rpc.RpcFactory;
import org.apache.ratis.rpc.RpcType;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.RaftServerRpc;
import org.apache.ratis.server.ServerFactory;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.leader.LogAppender;

/** Tells Ratis to use our transport and our appender; found by its class name in the properties. */
final class PeerRpcType implements RpcType {
  static final String CONTEXT = "ferris.rpc.context";

  @Override
  public String name() {
    return getClass().getName();
  }

  @Override
  public String toString() {
    return name();
  }

  @Override
  public RpcFactory newFactory(Parameters parameters) {
    return new Factory(this, parameters.getNonNull(CONTEXT, RpcContext.class));
  }

  private record Factory(PeerRpcType type, RpcContext context) implements ServerFactory {
    @Override
    public RpcType getRpcType() {
      return type;
    }

    @Override
    public LogAppender newLogAppender(
        RaftServer.Division server, LeaderState state, FollowerInfo follower) {
      return new ReplicationAppender(server, state, follower);
    }

    @Override
    public RaftServerRpc newRaftServerRpc(RaftServer server) {
      return new PeerRpc(server, type, context);
    }
  }
}
