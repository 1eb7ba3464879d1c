/// The server process.
///
/// [FerrisNode] is one node: it owns everything below and starts and stops it in order.
///
/// ```
///   clients, nodes --> server.FrontDoor --> service.RequestRouter --> ShardReplica, MetaReplica   (ferris-shard)
///                                                |                         |
///                                           cluster.NodeMap           RaftNode                     (ferris-raft)
///                                                                          |
///   operators ------> observe.HttpEndpoint                            StorageEngine                (ferris-storage)
/// ```
///
/// [org.ferrisdb.node.config] says what can be set, [org.ferrisdb.node.cluster] how nodes find and
/// repair each other.
@NullMarked
package org.ferrisdb.node;

import org.jspecify.annotations.NullMarked;
