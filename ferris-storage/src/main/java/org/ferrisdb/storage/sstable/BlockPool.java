package org.ferrisdb.storage.sstable;

/** Decides how long blocks stay in memory; the cache implements it. Safe for many threads. */
public interface BlockPool {
  /** Keeps nothing. */
  BlockPool NONE =
      new BlockPool() {
        @Override
        public void admit(ResidentBlock block) {
          block.evict();
        }

        @Override
        public void forget(ResidentBlock block) {}

        @Override
        public void hit() {}

        @Override
        public void miss() {}
      };

  /** A block was loaded into its table's slot; the pool counts it and may evict others. */
  void admit(ResidentBlock block);

  /** The table closes: the block no longer counts. */
  void forget(ResidentBlock block);

  /** A block was found in its slot. */
  void hit();

  /** A block was not in its slot and has to be read. */
  void miss();
}
