package org.ferrisdb.storage.cache;

import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import org.ferrisdb.storage.metrics.StripedCounters;
import org.ferrisdb.storage.sstable.BlockPool;
import org.ferrisdb.storage.sstable.ResidentBlock;

/**
 * Keeps the blocks of all engines of a process within one budget, by the clock algorithm: blocks
 * stand in a queue; the one at its head leaves, unless it was used since it was last looked at, in
 * which case it goes to the end and gets another round. A hit costs next to nothing here: it sets a
 * flag in the block and is counted. Safe for many threads.
 */
public final class ClockBlockCache implements BlockPool {
  private static final int HIT = 0;
  private static final int MISS = 1;

  private final long budgetBytes;
  private final StripedCounters lookups = new StripedCounters();
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<ResidentBlock> queue = new ArrayDeque<>();
  private long bytes;
  private long evictions;
  private long forgottenBytes; // of blocks in the queue that no longer count as held, but are

  /** Holds at most that many bytes of blocks, overhead included. */
  public ClockBlockCache(long budgetBytes) {
    this.budgetBytes = budgetBytes;
  }

  @Override
  public void admit(ResidentBlock block) {
    lock.lock();
    try {
      queue.addLast(block);
      bytes += block.bytes();
      int rounds = 2 * queue.size();
      while (bytes + forgottenBytes > budgetBytes && rounds-- > 0) {
        ResidentBlock oldest = queue.removeFirst();
        if (oldest.clearTouched() && rounds > queue.size()) {
          queue.addLast(oldest);
        } else if (oldest.evict()) {
          bytes -= oldest.bytes();
          evictions++;
        } else {
          forgottenBytes -= oldest.bytes();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void forget(ResidentBlock block) {
    lock.lock();
    try {
      bytes -= block.bytes();
      forgottenBytes += block.bytes();
      if (forgottenBytes > budgetBytes / 8) {
        queue.removeIf(resident -> !resident.resident());
        forgottenBytes = 0;
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void hit() {
    lookups.increment(HIT);
  }

  @Override
  public void miss() {
    lookups.increment(MISS);
  }

  /** Blocks found here so far. */
  public long hits() {
    return lookups.sum(HIT);
  }

  /** Blocks looked for in vain so far. */
  public long misses() {
    return lookups.sum(MISS);
  }

  /** Blocks that had to go so far. */
  public long evictions() {
    lock.lock();
    try {
      return evictions;
    } finally {
      lock.unlock();
    }
  }

  /** Bytes held now. */
  public long bytes() {
    lock.lock();
    try {
      return bytes;
    } finally {
      lock.unlock();
    }
  }
}
