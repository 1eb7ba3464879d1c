package org.ferrisdb.node.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;

/**
 * Knows whether the disk has room. Below the reserve the node refuses writes and hands its
 * leaderships over, before a Raft log runs into the end of the disk and dies; a little above the
 * reserve it resumes. Thread-safe.
 */
public final class DiskGuard {
  private final LongSupplier freeBytes;
  private final long reserve;
  private volatile long lastFree = Long.MAX_VALUE;
  private volatile boolean low;

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

  /** Looks; returns whether it has just become low. */
  boolean check() {
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
    return low && !was;
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

  /** Free bytes when last looked. */
  public long freeBytes() {
    return lastFree;
  }

  /** Bytes that must stay free. */
  public long reserve() {
    return reserve;
  }
}
