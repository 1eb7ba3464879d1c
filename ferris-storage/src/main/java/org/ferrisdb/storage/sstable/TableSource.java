package org.ferrisdb.storage.sstable;

/** A table that may or may not be open at the moment. Safe for many threads. */
public interface TableSource {
  /** Last user key of the table; not to be changed. */
  byte[] largest();

  /** The open table; the caller releases it. */
  SSTableReader acquire();
}
