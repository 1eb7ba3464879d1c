package org.ferrisdb.shard;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.ferrisdb.shard.map.ShardDescriptor;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.storage.StorageOptions;
import org.ferrisdb.storage.StorageResources;
import org.ferrisdb.storage.io.FileSystem;
import org.jspecify.annotations.Nullable;

/**
 * What replicas get from their node; nothing is reached around it.
 *
 * @param files all file access
 * @param storage options of the engines
 * @param resources what the node's engines share
 * @param timestamps the oracle
 * @param descriptors the newest descriptor of a shard that this node's shard map holds, null if
 *     none
 * @param nanoTime monotonic clock
 * @param wallMillis wall clock, only to notice a suspended machine
 * @param loops threads on which the evaluation loops run (few platform threads)
 * @param readers threads for scans, which may block on files
 * @param timer for lease renewal and the like; tasks must be short
 * @param leaseLength L
 * @param limits sizes that requests and queues are held to
 */
public record ShardEnvironment(
    FileSystem files,
    StorageOptions storage,
    StorageResources resources,
    TimestampSource timestamps,
    Function<ShardId, @Nullable ShardDescriptor> descriptors,
    LongSupplier nanoTime,
    LongSupplier wallMillis,
    Executor loops,
    Executor readers,
    ScheduledExecutorService timer,
    Duration leaseLength,
    ShardLimits limits) {}
