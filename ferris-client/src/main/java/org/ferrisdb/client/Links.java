package org.ferrisdb.client;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import org.ferrisdb.client.wire.NodeProto;
import org.jspecify.annotations.Nullable;

/**
 * All links of the client: one per address, those of the connection URI first, then those that the
 * cluster tells of. Belongs to the event loop.
 */
final class Links {
  private final ClientCore core;
  private final Map<String, NodeLink> byAddress = new LinkedHashMap<>();
  private Map<String, NodeProto> nodes = Map.of();
  private int turn;

  Links(ClientCore core) {
    this.core = core;
  }

  /** The link to an address, new if need be. */
  NodeLink at(String address) {
    return byAddress.computeIfAbsent(address, a -> new NodeLink(a, core));
  }

  Collection<NodeLink> all() {
    return byAddress.values();
  }

  Collection<NodeProto> nodes() {
    return nodes.values();
  }

  /** Takes over the cluster's list of nodes, and starts to connect to those not yet connected. */
  void update(List<NodeProto> known) {
    if (known.isEmpty()) {
      return;
    }
    Map<String, NodeProto> fresh = new HashMap<>();
    for (NodeProto node : known) {
      if (!node.getState().equals("gone") && isAddress(node.getClientAddress())) {
        fresh.put(node.getNodeId(), node);
      }
    }
    nodes = fresh;
    connectMissing(core.now());
  }

  private static boolean isAddress(String address) {
    int colon = address.lastIndexOf(':');
    return colon > 0 && address.substring(colon + 1).matches("[0-9]{1,5}");
  }

  /**
   * Starts to connect to every node of the cluster that has no connection and may be tried again.
   */
  void connectMissing(long now) {
    for (NodeProto node : nodes.values()) {
      if (connected(node.getNodeId()) == null) {
        at(node.getClientAddress()).connectIfAllowed(now);
      }
    }
  }

  private @Nullable NodeLink connected(String nodeId) {
    for (NodeLink link : byAddress.values()) {
      if (link.nodeId().equals(nodeId)) {
        return link;
      }
    }
    return null;
  }

  /**
   * The link to a node: a connection that it answered at, whatever the address; else its advertised
   * address, unless another node answers there. Null if nothing is known of it.
   */
  @Nullable NodeLink forNode(String nodeId) {
    if (nodeId.isEmpty()) {
      return null;
    }
    NodeLink connected = connected(nodeId);
    if (connected != null) {
      return connected;
    }
    NodeProto node = nodes.get(nodeId);
    if (node == null) {
      return null;
    }
    NodeLink link = at(node.getClientAddress());
    return link.nodeId().isEmpty() ? link : null;
  }

  /**
   * Any node that might answer, connected ones first, a different one each time; null if none
   * might.
   */
  @Nullable NodeLink any(long now) {
    List<NodeLink> links = new ArrayList<>(byAddress.values());
    NodeLink usable = null;
    for (int i = 0; i < links.size(); i++) {
      NodeLink link = links.get((turn + i) % links.size());
      if (link.isReady()) {
        turn = (turn + i + 1) % links.size();
        return link;
      }
      if (usable == null && link.isUsable(now)) {
        usable = link;
      }
    }
    turn++;
    return usable;
  }

  /** Why there is no node to talk to. */
  String describe() {
    StringJoiner text = new StringJoiner(", ");
    for (NodeLink link : byAddress.values()) {
      text.add(link.describeState());
    }
    return text.toString();
  }

  void housekeep(long now, long silenceNanos) {
    for (NodeLink link : new ArrayList<>(byAddress.values())) {
      link.housekeep(now, silenceNanos);
    }
    connectMissing(now);
  }
}
