package org.ferrisdb.node.service;

import org.ferrisdb.node.cluster.CheckpointServer;
import org.ferrisdb.node.cluster.DiskGuard;
import org.ferrisdb.node.cluster.MetaClient;
import org.ferrisdb.node.cluster.NodeMap;
import org.ferrisdb.node.cluster.ShardHost;
import org.ferrisdb.shard.TimestampSource;

/**
 * What answers requests once the node knows its cluster.
 *
 * @param host replicas
 * @param nodeMap routing
 * @param timestamps the oracle
 * @param meta the way to meta's leader
 * @param checkpoints for other nodes
 * @param disk whether there is room
 */
public record ClusterServices(
    ShardHost host,
    NodeMap nodeMap,
    TimestampSource timestamps,
    MetaClient meta,
    CheckpointServer checkpoints,
    DiskGuard disk) {}
