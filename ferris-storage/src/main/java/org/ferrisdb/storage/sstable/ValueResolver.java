package org.ferrisdb.storage.sstable;

/** Finds the values that lie apart from their keys. Safe for many threads. */
public interface ValueResolver {
  /** Where nothing lies apart. */
  ValueResolver NONE =
      new ValueResolver() {
        @Override
        public byte[] resolve(byte[] reference, int offset, int length) {
          throw new IllegalStateException("a reference to a value where none is expected");
        }

        @Override
        public byte[] stored(ValueReference reference) {
          throw new IllegalStateException("a reference to a value where none is expected");
        }
      };

  /**
   * The value that a {@link ValueReference} stands for, which is shared: nobody changes it.
   *
   * @param reference the array that holds the reference
   * @param offset of its first byte
   * @param length in bytes
   * @throws org.ferrisdb.storage.StorageException.Corruption if it leads to no value, or to another
   */
  byte[] resolve(byte[] reference, int offset, int length);

  /**
   * The same value as it is stored, trailer included, its checksum verified; past the cache.
   *
   * @throws org.ferrisdb.storage.StorageException.Corruption as above
   */
  byte[] stored(ValueReference reference);
}
