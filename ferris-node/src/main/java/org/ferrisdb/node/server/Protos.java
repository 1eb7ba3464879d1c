package org.ferrisdb.node.server;

import com.google.protobuf.ByteString;
import java.util.SortedMap;
import java.util.TreeMap;
import org.ferrisdb.client.wire.NetworkAddressProto;
import org.ferrisdb.client.wire.NodeProto;
import org.ferrisdb.client.wire.ShardDescriptorProto;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.shard.map.KeyRange;
import org.ferrisdb.shard.map.NodeRecord;
import org.ferrisdb.shard.map.ShardDescriptor;
import org.ferrisdb.shard.map.ShardId;

/** Nodes and shards on the wire. Pure functions. */
public final class Protos {
  private Protos() {}

  /** A descriptor for the wire. */
  public static ShardDescriptorProto toProto(ShardDescriptor d) {
    ShardDescriptorProto.Builder proto =
        ShardDescriptorProto.newBuilder()
            .setShardId(d.id().value())
            .setEpoch(d.epoch())
            .setStart(ByteString.copyFrom(d.range().start()))
            .setEnd(ByteString.copyFrom(d.range().end()));
    d.replicas().forEach(id -> proto.addReplicaNodeIds(id.value()));
    return proto.build();
  }

  /** A descriptor from the wire. */
  public static ShardDescriptor fromProto(ShardDescriptorProto p) {
    return new ShardDescriptor(
        new ShardId(p.getShardId()),
        new KeyRange(p.getStart().toByteArray(), p.getEnd().toByteArray()),
        p.getReplicaNodeIdsList().stream().map(NodeId::new).toList(),
        p.getEpoch());
  }

  /** A node for another node. */
  public static NodeProto toProto(NodeRecord n) {
    NodeProto.Builder proto = base(n).setClientAddress(n.clientAddress());
    n.networks()
        .forEach((network, address) ->
            proto.addNetworks(
                NetworkAddressProto.newBuilder().setNetwork(network).setClientAddress(address)));
    return proto.build();
  }

  /** A node for a client of a network, see {@link Networks}. */
  public static NodeProto toProto(NodeRecord n, String network) {
    return base(n).setClientAddress(n.clientAddress(network)).build();
  }

  private static NodeProto.Builder base(NodeRecord n) {
    return NodeProto.newBuilder()
        .setNodeId(n.id().value())
        .setName(n.name())
        .setRaftAddress(n.raftAddress())
        .setHttpAddress(n.httpAddress())
        .setState(n.state() == NodeRecord.State.MEMBER ? "up" : "gone");
  }

  /** A node from the wire. */
  public static NodeRecord fromProto(NodeProto p) {
    return new NodeRecord(
        new NodeId(p.getNodeId()),
        p.getName(),
        p.getClientAddress(),
        p.getRaftAddress(),
        p.getHttpAddress(),
        p.getState().equals("gone") ? NodeRecord.State.REPLACED : NodeRecord.State.MEMBER,
        networks(p));
  }

  private static SortedMap<String, String> networks(NodeProto p) {
    SortedMap<String, String> networks = new TreeMap<>();
    p.getNetworksList().forEach(n -> networks.put(n.getNetwork(), n.getClientAddress()));
    return networks;
  }
}
