package org.ferrisdb.node.console;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code GET /console/data} answers, member by member as JSON; {@code null} is unknown. A test
 * holds an example of it, {@code golden/console-data.json}. Members may be added; one that changes
 * its meaning raises {@code format}.
 *
 * @param format 1
 * @param node name of the node that answers
 * @param atMillis when it gathered this, by its wall clock
 * @param pollMillis how often to ask, at most
 * @param clusterId empty before the cluster is formed
 * @param mapVersion of the newest shard map that any node knows
 * @param health as {@code ferris status} tells it
 * @param nodes by name
 * @param shards by range, the meta group first
 * @param traffic the last minutes
 * @param events newest first, at most {@link ConsoleBuilder#EVENTS}
 */
record ConsoleData(
    int format,
    String node,
    long atMillis,
    long pollMillis,
    String clusterId,
    long mapVersion,
    HealthLine health,
    List<NodeLine> nodes,
    List<ShardLine> shards,
    Traffic traffic,
    List<EventLine> events) {

  /**
   * State, sentence and remedy (empty if none), word for word as {@code ferris status} has them.
   */
  record HealthLine(String state, String sentence, String remedy) {}

  /**
   * A node.
   *
   * @param name its name
   * @param id identity of its data directory
   * @param up whether it answered
   * @param problem why not, a few words; empty if it did
   * @param clientAddress host:port of its front door
   * @param httpAddress host:port where its own console is
   * @param leads groups it leads, meta included
   * @param replicas groups it has a replica of, meta included
   * @param lagEntries of its replicas the one furthest behind its leader: by how many log entries
   * @param lagShard which replica that is; empty without lag
   * @param operationsPerSecond answered lately
   * @param uptimeSeconds of its process
   * @param diskFreeBytes on its data directory's file system
   * @param diskReserveBytes below which it refuses writes
   * @param diskLow whether it does
   * @param heapUsedBytes of its JVM
   * @param heapMaxBytes of its JVM
   * @param connections open at its front door
   */
  record NodeLine(
      String name,
      String id,
      boolean up,
      String problem,
      String clientAddress,
      String httpAddress,
      long leads,
      long replicas,
      @Nullable Long lagEntries,
      String lagShard,
      double operationsPerSecond,
      @Nullable Long uptimeSeconds,
      @Nullable Long diskFreeBytes,
      @Nullable Long diskReserveBytes,
      boolean diskLow,
      @Nullable Long heapUsedBytes,
      @Nullable Long heapMaxBytes,
      @Nullable Long connections) {}

  /**
   * A shard, or the meta group.
   *
   * @param name s1, s2, ... or meta
   * @param epoch of its descriptor
   * @param term of its leader
   * @param start first key, escaped as {@code ferris status} does it; empty: the start of the key
   *     space
   * @param end first key after it; empty: the end
   * @param leader name; empty while there is none
   * @param quorum whether a majority of its replicas is up
   * @param bytes of its leader's engine, tables and memtables; of the largest replica without one;
   *     null for meta
   * @param replicas by node name
   */
  record ShardLine(
      String name,
      long epoch,
      @Nullable Long term,
      String start,
      String end,
      String leader,
      boolean quorum,
      @Nullable Long bytes,
      List<ReplicaLine> replicas) {}

  /**
   * A replica.
   *
   * @param node name of its node
   * @param role LEADER, FOLLOWER, CANDIDATE, FAILED; empty if unknown
   * @param problem why it does not count; empty if it does
   * @param lagEntries log entries that are committed and not known to be in its log; 0 for the
   *     leader
   * @param silentMillis since the leader heard of it; 0 for the leader
   * @param logBytes of its Raft log
   * @param lsm shape of its engine; null for meta
   */
  record ReplicaLine(
      String node,
      String role,
      String problem,
      @Nullable Long lagEntries,
      @Nullable Long silentMillis,
      @Nullable Long logBytes,
      @Nullable Lsm lsm) {}

  /**
   * An engine's shape.
   *
   * @param memtableBytes in memtables, those that wait for their flush included
   * @param immutableMemtables that wait for their flush
   * @param levelTables tables of level 0, 1, ...
   * @param levelBytes bytes of level 0, 1, ...
   * @param valueBytes of value files
   * @param flushes since its replica was opened
   * @param compactions since then
   * @param stallMillis that writers have waited since then
   * @param backgroundError why flush or compaction fails; empty if they do not
   */
  record Lsm(
      long memtableBytes,
      long immutableMemtables,
      List<Long> levelTables,
      List<Long> levelBytes,
      long valueBytes,
      long flushes,
      long compactions,
      long stallMillis,
      String backgroundError) {}

  /**
   * What all nodes answered together, in slots of time.
   *
   * @param slotMillis length of a slot
   * @param endMillis end of the last one
   * @param kinds get, scan and write
   */
  record Traffic(long slotMillis, long endMillis, List<Series> kinds) {}

  /**
   * A kind's numbers, oldest first, all of the same length; null where no node told anything, and
   * for latencies where nothing was answered.
   *
   * @param kind get, scan or write
   * @param perSecond answered as asked
   * @param failedPerSecond answered with an error, other than "ask another node"
   * @param p50Micros latency at the node, from decoding to answer
   * @param p99Micros the same
   */
  record Series(
      String kind,
      List<@Nullable Double> perSecond,
      List<@Nullable Double> failedPerSecond,
      List<@Nullable Long> p50Micros,
      List<@Nullable Long> p99Micros) {}

  /**
   * An event.
   *
   * @param atMillis when, by the clock of the node that saw it first
   * @param by that node's name
   * @param level GOOD, INFO, WARN or BAD
   * @param text a sentence without a full stop
   */
  record EventLine(long atMillis, String by, String level, String text) {}
}
