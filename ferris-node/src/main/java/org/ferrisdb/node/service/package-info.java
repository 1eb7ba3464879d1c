/// What a request that came through the front door means.
///
/// [RequestRouter] takes requests of clients to the replicas that answer them; [NodeRequests] takes
/// those of other nodes. Both translate between the wire and the shards and decide nothing that a
/// shard must decide: whether this node leads, whether the epoch is right, what a write comes to.
@NullMarked
package org.ferrisdb.node.service;

import org.jspecify.annotations.NullMarked;
