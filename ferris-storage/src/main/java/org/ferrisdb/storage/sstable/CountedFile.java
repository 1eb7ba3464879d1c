package org.ferrisdb.storage.sstable;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.ferrisdb.storage.io.FileSystem;
import org.jspecify.annotations.Nullable;

/**
 * An open file whose parts come and go with the {@link BlockPool}, each in a slot of its own.
 *
 * <p>Counted: born with one reference, closed when the last one is released, so that the cache may
 * let go of a file that a reader is still in. Safe for many threads.
 */
public abstract sealed class CountedFile permits SSTableReader, ValueFileReader {
  private final FileSystem.ReadableFile file;
  private final BlockPool pool;
  private final AtomicReferenceArray<ResidentBlock> slots;
  private final AtomicInteger references = new AtomicInteger(1);

  CountedFile(FileSystem.ReadableFile file, BlockPool pool, int parts) {
    this.file = file;
    this.pool = pool;
    this.slots = new AtomicReferenceArray<>(parts);
  }

  /** What is in the slot, null if nothing is. */
  final @Nullable ResidentBlock resident(int ordinal, boolean fillCache) {
    ResidentBlock resident = slots.get(ordinal);
    if (resident != null) {
      resident.touch();
    }
    if (fillCache) {
      if (resident != null) {
        pool.hit();
      } else {
        pool.miss();
      }
    }
    return resident;
  }

  /** Puts it into its slot, unless another thread was faster. */
  final void keep(ResidentBlock loaded, int ordinal) {
    if (slots.compareAndSet(ordinal, null, loaded)) {
      pool.admit(loaded);
    }
  }

  final AtomicReferenceArray<ResidentBlock> slots() {
    return slots;
  }

  /** Takes a reference; false if the file is closed already. */
  public final boolean tryRetain() {
    int count = references.get();
    while (count > 0) {
      if (references.compareAndSet(count, count + 1)) {
        return true;
      }
      count = references.get();
    }
    return false;
  }

  /** Gives a reference back; the last one closes the file and empties the slots. */
  public final void release() {
    if (references.decrementAndGet() == 0) {
      for (int i = 0; i < slots.length(); i++) {
        ResidentBlock resident = slots.get(i);
        if (resident != null && resident.evict()) {
          pool.forget(resident);
        }
      }
      close(file);
    }
  }

  static void close(FileSystem.ReadableFile file) {
    try {
      file.close();
    } catch (IOException e) {
      // Nothing was written through it, so nothing can be lost.
    }
  }
}
