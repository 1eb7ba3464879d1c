package org.ferrisdb.storage.memtable;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.ferrisdb.storage.EntryKind;
import org.ferrisdb.storage.key.EntryIterator;
import org.junit.jupiter.api.Test;

/** One writer, many readers: what was there before the reader came is found, whatever is added. */
class SkipListMemtableTest {
  private static final byte[] VALUE = {1};

  /**
   * The demo found this one: a reader descends to the last node before its key; before it follows
   * the link, the writer puts another key in between, and the reader takes that for the answer.
   */
  @Test
  void keyIsFoundWhileItsNeighboursAreBeingAdded() throws InterruptedException {
    for (int round = 0; round < 40; round++) {
      SkipListMemtable memtable = new SkipListMemtable();
      byte[] key = {'m'};
      memtable.add(key, 7, 1, EntryKind.PUT, VALUE);
      AtomicBoolean done = new AtomicBoolean();
      AtomicLong missed = new AtomicLong();
      AtomicLong unsought = new AtomicLong();
      Thread reader =
          Thread.ofPlatform()
              .start(() -> {
                while (!done.get()) {
                  if (memtable.get(key, Long.MAX_VALUE, 1) == null) {
                    missed.incrementAndGet();
                  }
                  EntryIterator iterator = memtable.iterator(1);
                  iterator.seek(key, Long.MAX_VALUE);
                  if (!iterator.valid()) {
                    unsought.incrementAndGet();
                  }
                }
              });
      // Each new key is the nearest one before the key that is read.
      for (int i = 0; i < 20_000; i++) {
        memtable.add(
            ByteBuffer.allocate(5).put((byte) 'l').putInt(i).array(), 8, 2, EntryKind.PUT, VALUE);
      }
      done.set(true);
      reader.join();
      assertThat(missed.get()).as("reads that missed the key").isZero();
      assertThat(unsought.get()).as("seeks that missed the key").isZero();
    }
  }
}
