package org.ferrisdb.storage.memtable;

/** What a memtable is made of. Both keep the same promises; see {@link Memtable}. */
public enum MemtableKind {
  /** {@link SkipListMemtable}: what every course on LSM trees teaches, and easy to read. */
  SKIP_LIST {
    @Override
    public Memtable create() {
      return new SkipListMemtable();
    }
  },
  /** {@link TrieMemtable}: several times faster, and a handful of objects for the collector. */
  TRIE {
    @Override
    public Memtable create() {
      return new TrieMemtable();
    }
  };

  /** So large a memtable may grow before it is frozen. */
  public static final long MAX_BYTES = ByteLog.MAX_BYTES;

  /** An empty one. */
  public abstract Memtable create();
}
