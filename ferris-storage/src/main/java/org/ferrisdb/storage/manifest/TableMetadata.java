package org.ferrisdb.storage.manifest;

import org.ferrisdb.storage.io.Bytes;
import org.ferrisdb.storage.sstable.TableProperties;

/**
 * A table as the manifest knows it.
 *
 * @param number names the file
 * @param length of the file in bytes
 * @param properties what it holds
 */
public record TableMetadata(long number, long length, TableProperties properties) {
  /** First user key. */
  public byte[] smallest() {
    return properties.smallest();
  }

  /** Last user key. */
  public byte[] largest() {
    return properties.largest();
  }

  /** Whether the table's key range meets [from, to], both inclusive. */
  public boolean overlaps(byte[] from, byte[] to) {
    return Bytes.compare(smallest(), smallest().length, to, to.length) <= 0
        && Bytes.compare(largest(), largest().length, from, from.length) >= 0;
  }
}
