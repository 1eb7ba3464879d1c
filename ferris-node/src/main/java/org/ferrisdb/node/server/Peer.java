package org.ferrisdb.node.server;

import java.util.Optional;
import org.ferrisdb.raft.NodeId;

/**
 * Who is at the other end of a connection, as it said in its Hello.
 *
 * @param name what it calls itself, cleaned for the log
 * @param node its id if it is a node
 * @param address where it connects from
 * @param network whose addresses of nodes it is told, empty: the default ones
 */
public record Peer(String name, Optional<NodeId> node, String address, String network) {}
