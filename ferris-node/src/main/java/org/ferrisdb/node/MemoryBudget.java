package org.ferrisdb.node;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One budget, divided among those that hold memory; what is left over is the JVM's and everybody's
 * small change. Computed once at start and shown there, in metrics and in the status.
 *
 * @param total bytes to divide
 * @param blockCache blocks of tables
 * @param memtables all shards' together: the largest is flushed before it is used up
 * @param raft log buffers and entries kept in memory
 * @param inFlight requests and answers under way
 * @param memtableBytes the most that a shard's memtable takes before it is frozen
 */
public record MemoryBudget(
    long total, long blockCache, long memtables, long raft, long inFlight, long memtableBytes) {
  private static final long LARGEST_MEMTABLE = 16 << 20;
  private static final long SMALLEST_MEMTABLE = 1 << 20;
  private static final long SMALLEST_IN_FLIGHT = 16 << 20;

  /**
   * Divides.
   *
   * @param total bytes
   * @param inFlight bytes of requests and answers, 0: an eighth of the total
   */
  public static MemoryBudget of(long total, long inFlight) {
    long memtables = total / 4;
    return new MemoryBudget(
        total,
        total / 4,
        memtables,
        total / 8,
        inFlight > 0 ? inFlight : Math.max(SMALLEST_IN_FLIGHT, total / 8),
        Math.clamp(memtables / 4, SMALLEST_MEMTABLE, LARGEST_MEMTABLE));
  }

  /** The parts by name. */
  public Map<String, Long> pools() {
    Map<String, Long> pools = new LinkedHashMap<>();
    pools.put("block-cache", blockCache);
    pools.put("memtables", memtables);
    pools.put("raft", raft);
    pools.put("in-flight", inFlight);
    pools.put("rest", Math.max(0, total - blockCache - memtables - raft - inFlight));
    return pools;
  }

  /** One line. */
  public String describe() {
    StringBuilder out = new StringBuilder("memory budget " + mib(total) + ":");
    pools().forEach((name, bytes) -> out.append(' ').append(name).append(' ').append(mib(bytes)));
    return out.append(", a memtable at most ").append(mib(memtableBytes)).toString();
  }

  private static String mib(long bytes) {
    return (bytes >> 20) + " MiB";
  }
}
