package org.ferrisdb.storage.cache;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.ferrisdb.storage.sstable.BlockPool;

/**
 * Bounds how many tables of all engines of a process are open at once, hence file descriptors and
 * the memory of indexes and filters. The clock algorithm again, see {@link ClockBlockCache}. Safe
 * for many threads.
 */
public final class TableCache {
  private final BlockPool blocks;
  private final int maxOpen;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<TableHandle> open = new ArrayDeque<>();

  /** Keeps at most that many tables open, besides those that are being read at the moment. */
  public TableCache(BlockPool blocks, int maxOpen) {
    this.blocks = blocks;
    this.maxOpen = maxOpen;
  }

  BlockPool blocks() {
    return blocks;
  }

  void opened(TableHandle handle) {
    List<TableHandle> victims = new ArrayList<>();
    lock.lock();
    try {
      open.addLast(handle);
      int rounds = 2 * open.size();
      while (open.size() > maxOpen && rounds-- > 0) {
        TableHandle oldest = open.removeFirst();
        if (oldest != handle && !oldest.clearTouched()) {
          victims.add(oldest);
        } else {
          open.addLast(oldest);
        }
      }
    } finally {
      lock.unlock();
    }
    victims.forEach(TableHandle::letGo);
  }

  /** Tables that are open now. */
  public int openTables() {
    lock.lock();
    try {
      return open.size();
    } finally {
      lock.unlock();
    }
  }

  void closed(TableHandle handle) {
    lock.lock();
    try {
      open.removeIf(other -> other == handle);
    } finally {
      lock.unlock();
    }
  }
}
