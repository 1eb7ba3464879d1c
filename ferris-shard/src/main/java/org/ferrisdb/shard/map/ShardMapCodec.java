package org.ferrisdb.shard.map;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The binary form of a {@link ShardMap}; the fields are those of {@link FieldWriter}.
 *
 * <pre>
 * +-----------+-------------+---------------+-----------------+----------------+---------+------------+
 * | u8 format | u64 version | list of nodes | descriptor meta | list of shards | list of | u32 CRC32C |
 * |    = 2    |             |               |                 | (descriptors)  | repairs | of all     |
 * |           |             |               |                 |                |         | before it  |
 * +-----------+-------------+---------------+-----------------+----------------+---------+------------+
 * </pre>
 */
public final class ShardMapCodec {
  private static final int FORMAT = 2;

  private ShardMapCodec() {}

  /** The map as bytes. */
  public static byte[] encode(ShardMap map) {
    FieldWriter out = new FieldWriter();
    out.u8(FORMAT);
    out.u64(map.version());
    out.nodes(map.nodes());
    out.descriptor(map.metaMembers());
    out.descriptors(map.shards());
    out.repairs(map.repairs());
    return out.u32(checksum(ByteBuffer.wrap(out.toBytes()))).toBytes();
  }

  /**
   * The map that was encoded.
   *
   * @throws FieldReader.Malformed if these are not the bytes of a map, in a format known here
   */
  public static ShardMap decode(byte[] bytes) {
    FieldReader in = new FieldReader(bytes);
    int format = in.u8();
    if (format != FORMAT) {
      throw in.malformed("shard map format " + format + ", the newest known is " + FORMAT + ",");
    }
    if (in.remaining() < 4) {
      throw in.malformed("no checksum");
    }
    int body = bytes.length - 4;
    int expected = new FieldReader(ByteBuffer.wrap(bytes, body, 4)).u32();
    int actual = checksum(ByteBuffer.wrap(bytes, 0, body));
    if (actual != expected) {
      throw in.malformed("checksum %08x where the bytes give %08x".formatted(expected, actual));
    }
    long version = in.u64();
    List<NodeRecord> nodes = in.nodes();
    ShardDescriptor meta = in.descriptor();
    List<ShardDescriptor> shards = in.descriptors();
    List<ReplicaRepair> repairs = in.repairs();
    in.u32();
    in.end();
    try {
      return new ShardMap(version, shards, nodes, meta, repairs);
    } catch (IllegalArgumentException e) {
      throw new FieldReader.Malformed(String.valueOf(e.getMessage()));
    }
  }

  private static int checksum(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
