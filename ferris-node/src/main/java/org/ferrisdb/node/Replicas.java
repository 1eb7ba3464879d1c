package org.ferrisdb.node;

import java.nio.file.Path;
import org.ferrisdb.node.cluster.NodeMap;
import org.ferrisdb.node.cluster.ShardHost;
import org.ferrisdb.node.config.NodeConfig;
import org.ferrisdb.raft.RaftOptions;
import org.ferrisdb.shard.ShardEnvironment;
import org.ferrisdb.shard.ShardLimits;
import org.ferrisdb.shard.ShardReplica;
import org.ferrisdb.shard.TimestampSource;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.meta.MetaReplica;
import org.ferrisdb.storage.Durability;
import org.ferrisdb.storage.StorageOptions;
import org.ferrisdb.storage.StorageResources;
import org.ferrisdb.storage.io.FileSystem;

/** Makes replicas, with settings derived from configuration and memory budget. */
final class Replicas implements ShardHost.Replicas {
  private final ShardEnvironment environment;

  Replicas(
      NodeConfig config,
      MemoryBudget memory,
      FileSystem files,
      StorageResources resources,
      TimestampSource timestamps,
      NodeMap nodeMap,
      NodeThreads threads) {
    environment =
        new ShardEnvironment(
            files,
            storageOptions(config, memory),
            resources,
            timestamps,
            nodeMap::descriptor,
            System::nanoTime,
            System::currentTimeMillis,
            threads.loops(),
            threads.readers(),
            threads.timer(),
            config.leaseLength(),
            limits(config));
  }

  @Override
  public ShardReplica shard(ShardId id, Path directory) {
    return new ShardReplica(id, directory, environment);
  }

  @Override
  public MetaReplica meta(Path directory) {
    return MetaReplica.create(directory, environment);
  }

  private static StorageOptions storageOptions(NodeConfig config, MemoryBudget memory) {
    return StorageOptions.defaults(Durability.EXTERNAL_LOG)
        .withMemtableBytes(memory.memtableBytes())
        .withCompression(config.compression());
  }

  private static ShardLimits limits(NodeConfig config) {
    ShardLimits d = ShardLimits.defaults();
    return new ShardLimits(
        d.maxKeyBytes(),
        d.maxValueBytes(),
        d.maxBatchBytes(),
        d.maxEntryBytes(),
        d.maxQueuedRequests(),
        d.maxEntriesInFlight(),
        d.extraEntryWrites(),
        d.maxOutcomes(),
        d.maxExpiryMillis(),
        config.retention().toMillis());
  }

  static RaftOptions raftOptions(NodeConfig config) {
    RaftOptions d = RaftOptions.defaults();
    return new RaftOptions(
        config.electionTimeoutMin(),
        config.electionTimeoutMax(),
        d.maxEntryBytes(),
        (int) Math.min(d.segmentBytes(), config.logBytes()),
        config.keepEntries(),
        config.logBytes());
  }
}
