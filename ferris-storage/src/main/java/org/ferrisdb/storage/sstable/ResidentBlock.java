package org.ferrisdb.storage.sstable;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A block of a table, or a value of a value file, that sits in its file's slot. The file finds it
 * by its ordinal, without a hash or a lock; the pool only decides when it leaves the slot.
 */
public final class ResidentBlock {
  private static final int OVERHEAD_BYTES = 96;
  private static final byte[] NO_VALUE = {};

  /** The block, empty if this is a value. */
  final Block block;

  /** The value, empty if this is a block. */
  final byte[] value;

  /** The checksum that the value has in its file. */
  final int crc;

  private final AtomicReferenceArray<ResidentBlock> slots;
  private final int ordinal;
  private boolean touched; // racy on purpose: a lost update costs one early eviction

  ResidentBlock(Block block, AtomicReferenceArray<ResidentBlock> slots, int ordinal) {
    this.block = block;
    this.value = NO_VALUE;
    this.crc = 0;
    this.slots = slots;
    this.ordinal = ordinal;
  }

  ResidentBlock(byte[] value, int crc, AtomicReferenceArray<ResidentBlock> slots, int ordinal) {
    this.block = Block.EMPTY;
    this.value = value;
    this.crc = crc;
    this.slots = slots;
    this.ordinal = ordinal;
  }

  /** Bytes of memory it holds. */
  public int bytes() {
    return block.data.length + value.length + OVERHEAD_BYTES;
  }

  void touch() {
    if (!touched) {
      touched = true;
    }
  }

  /** Whether it was used since the last call. */
  public boolean clearTouched() {
    boolean was = touched;
    touched = false;
    return was;
  }

  /** Whether it is still in its slot. */
  public boolean resident() {
    return slots.get(ordinal) == this;
  }

  /** Takes it out of its slot; false if it was out already. */
  public boolean evict() {
    return slots.compareAndSet(ordinal, this, null);
  }
}
