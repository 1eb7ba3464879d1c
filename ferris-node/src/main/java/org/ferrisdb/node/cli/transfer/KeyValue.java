package org.ferrisdb.node.cli.transfer;

import java.util.Arrays;

/**
 * A record of a file. The arrays are not copied: who makes one does not change them afterwards.
 *
 * @param key 1 byte or more
 * @param value may be empty
 */
@SuppressWarnings("ArrayRecordComponent") // equals and hashCode are written out
public record KeyValue(byte[] key, byte[] value) {
  @Override
  public boolean equals(Object o) {
    return o instanceof KeyValue other
        && Arrays.equals(key, other.key)
        && Arrays.equals(value, other.value);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(key) + Arrays.hashCode(value);
  }
}
