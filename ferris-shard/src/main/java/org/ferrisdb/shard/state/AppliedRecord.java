package org.ferrisdb.shard.state;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.ferrisdb.shard.log.EntryChain;

/**
 * The small part of the state that nearly every entry changes; one record, written with each.
 *
 * <pre>
 *   +-----------------------+----------------------+-------------------+
 *   | chain (term, number)  | newest timestamp u64 | garbage floor u64 |   32 bytes
 *   +-----------------------+----------------------+-------------------+
 * </pre>
 *
 * @param chain as {@link EntryChain#save} gives it
 * @param newestTimestamp the newest timestamp the log has carried: the state's clock
 * @param garbageFloor nobody may read below it
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
record AppliedRecord(byte[] chain, long newestTimestamp, long garbageFloor) {
  byte[] encode() {
    return ByteBuffer.allocate(EntryChain.SAVED_BYTES + 16)
        .put(chain)
        .putLong(newestTimestamp)
        .putLong(garbageFloor)
        .array();
  }

  static AppliedRecord decode(byte[] bytes) {
    if (bytes.length != EntryChain.SAVED_BYTES + 16) {
      throw new IllegalArgumentException("applied record of " + bytes.length + " bytes");
    }
    ByteBuffer in = ByteBuffer.wrap(bytes, EntryChain.SAVED_BYTES, 16);
    return new AppliedRecord(
        Arrays.copyOf(bytes, EntryChain.SAVED_BYTES), in.getLong(), in.getLong());
  }
}
