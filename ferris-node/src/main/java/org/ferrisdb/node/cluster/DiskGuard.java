package org.ferrisdb.node.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.LongSupplier;
import org.ferrisdb.raft.LogEnd;
import org.ferrisdb.shard.map.ShardId;

/**
 * Knows whether the disk has room and keeps pace. Below the reserve the node refuses writes and
 * hands its leaderships over, before a Raft log runs into the end of the disk and dies; a little
 * above the reserve it resumes. With a disk that is slow ({@link DiskPace}) it hands them over too,
 * and serves on as a follower. It is looked at by one thread, and may be asked by any.
 */
public final class DiskGuard {
  private final LongSupplier freeBytes;
  private final long reserve;
  private volatile long lastFree = Long.MAX_VALUE;
  private final DiskPace pace = new DiskPace();
  private volatile boolean low;
  private volatile boolean slow;

  /**
   * @param freeBytes asks the file system
   * @param reserve bytes that must stay free
   */
  public DiskGuard(LongSupplier freeBytes, long reserve) {
    this.freeBytes = freeBytes;
    this.reserve = reserve;
  }

  /** Asks about the file system that the directory is on. */
  public static LongSupplier freeBytesOf(Path directory) {
    return () -> {
      try {
        return Files.getFileStore(directory).getUsableSpace();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  /** Looks whether there is room. */
  void check() {
    long free = freeBytes.getAsLong();
    lastFree = free;
    boolean was = low;
    low = isLow(was, free, reserve);
    if (low != was) {
      Logs.CLUSTER
          .atWarn()
          .addKeyValue("freeBytes", free)
          .addKeyValue("reserveBytes", reserve)
          .log(low ? "disk is full: writes are refused" : "disk has room again: writes resume");
    }
  }

  /** Looks whether it keeps pace with these logs. */
  void checkPace(Map<ShardId, LogEnd> ends, long nowNanos) {
    boolean was = slow;
    slow = pace.look(ends, nowNanos);
    if (slow != was) {
      Logs.CLUSTER
          .atWarn()
          .log(
              slow
                  ? "disk is slow, syncs of the log take a quarter of a second and more: other"
                      + " nodes are asked to lead"
                  : "disk keeps pace again: this node may lead again");
    }
  }

  /**
   * Once low, stays low until there is an eighth more than the reserve: no flapping at the edge.
   */
  static boolean isLow(boolean wasLow, long free, long reserve) {
    return free < (wasLow ? reserve + reserve / 8 : reserve);
  }

  /** Whether writes are refused now. */
  public boolean isLow() {
    return low;
  }

  /** Whether it does not keep pace with the logs now. */
  public boolean isSlow() {
    return slow;
  }

  /** Whether this node may be given leaderships, as far as its disk goes. */
  public boolean mayLead() {
    return !low && !slow;
  }

  /** Free bytes when last looked. */
  public long freeBytes() {
    return lastFree;
  }

  /** Bytes that must stay free. */
  public long reserve() {
    return reserve;
  }
}
