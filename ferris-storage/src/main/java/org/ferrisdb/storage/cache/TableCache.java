package org.ferrisdb.storage.cache;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.ferrisdb.storage.sstable.BlockPool;

/**
 * Bounds how many tables and value files of all engines of a process are open at once, hence file
 * descriptors and the memory of indexes and filters. The clock algorithm again, see {@link
 * ClockBlockCache}. Safe for many threads.
 */
public final class TableCache {
  private final BlockPool blocks;
  private final int maxOpen;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<FileHandle<?>> open = new ArrayDeque<>();

  /** Keeps at most that many files open, besides those that are being read at the moment. */
  public TableCache(BlockPool blocks, int maxOpen) {
    this.blocks = blocks;
    this.maxOpen = maxOpen;
  }

  BlockPool blocks() {
    return blocks;
  }

  void opened(FileHandle<?> handle) {
    List<FileHandle<?>> victims = new ArrayList<>();
    lock.lock();
    try {
      open.addLast(handle);
      int rounds = 2 * open.size();
      while (open.size() > maxOpen && rounds-- > 0) {
        FileHandle<?> oldest = open.removeFirst();
        if (oldest != handle && !oldest.clearTouched()) {
          victims.add(oldest);
        } else {
          open.addLast(oldest);
        }
      }
    } finally {
      lock.unlock();
    }
    victims.forEach(FileHandle::letGo);
  }

  /** Tables and value files that are open now. */
  public int openTables() {
    lock.lock();
    try {
      return open.size();
    } finally {
      lock.unlock();
    }
  }

  void closed(FileHandle<?> handle) {
    lock.lock();
    try {
      open.removeIf(other -> other == handle);
    } finally {
      lock.unlock();
    }
  }
}
