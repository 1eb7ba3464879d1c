package org.ferrisdb.raft.ratis;

import java.util.Collection;
import java.util.List;
import org.apache.ratis.proto.RaftProtos.RaftPeerProto;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeer;
import org.apache.ratis.protocol.RaftPeerId;
import org.ferrisdb.raft.GroupId;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftMember;
import org.jspecify.annotations.Nullable;

/** Between our words for nodes and groups and Ratis's. Pure. */
final class Members {
  private Members() {}

  static RaftPeer peer(RaftMember member) {
    return RaftPeer.newBuilder()
        .setId(member.id().value())
        .setAddress(member.host() + ":" + member.port())
        .build();
  }

  static List<RaftPeer> peers(Collection<RaftMember> members) {
    return members.stream().map(Members::peer).toList();
  }

  static RaftMember of(RaftPeer peer) {
    return member(peer.getId().toString(), peer.getAddress());
  }

  static RaftMember of(RaftPeerProto peer) {
    return member(RaftPeerId.valueOf(peer.getId()).toString(), peer.getAddress());
  }

  private static RaftMember member(String id, String address) {
    int colon = address.lastIndexOf(':');
    return new RaftMember(
        new NodeId(id),
        address.substring(0, colon),
        Integer.parseInt(address.substring(colon + 1)));
  }

  static @Nullable NodeId node(@Nullable RaftPeerId id) {
    return id == null ? null : new NodeId(id.toString());
  }

  static RaftGroupId group(GroupId group) {
    return RaftGroupId.valueOf(group.value());
  }
}
