package org.ferrisdb.raft;

/**
 * A voting member of a group.
 *
 * @param id whose replica it is
 * @param host where its Raft port listens, as its peers reach it
 * @param port its Raft port
 */
public record RaftMember(NodeId id, String host, int port) {}
