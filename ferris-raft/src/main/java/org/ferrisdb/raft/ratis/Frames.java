package org.ferrisdb.raft.ratis;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.apache.ratis.thirdparty.com.google.protobuf.CodedOutputStream;
import org.apache.ratis.thirdparty.com.google.protobuf.MessageLite;
import org.apache.ratis.thirdparty.io.netty.buffer.ByteBuf;
import org.apache.ratis.thirdparty.io.netty.buffer.ByteBufAllocator;
import org.ferrisdb.raft.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * The bytes between two nodes' Raft ports. Numbers are big-endian.
 *
 * <pre>
 * frame     | length of the rest u32 | kind u8 | body |
 *
 * hello     kind 1, the first frame of a connection, from its opener:
 *           | magic "FRFT" | version u8 = 1 | cluster id 16 B, zeros if none yet |
 *           | opener's node id, 16 ASCII | node id it expects here, 16 ASCII |
 * request   kind 2   | number u64 | RaftNettyServerRequestProto |
 * reply     kind 3   | number u64 | RaftNettyServerReplyProto |
 * failure   kind 4   | number u64 | one line of UTF-8 |
 * </pre>
 *
 * The number ties a reply to its request; Ratis's own call ids are not unique across kinds of
 * requests. A failure carries text only: Ratis would send a serialized Java object, which nobody
 * should read from a network.
 */
final class Frames {
  static final int LENGTH_BYTES = 4;
  static final byte HELLO = 1;
  static final byte REQUEST = 2;
  static final byte REPLY = 3;
  static final byte FAILURE = 4;
  static final int HELLO_BYTES = 1 + 4 + 1 + 16 + 16 + 16;
  private static final int MAGIC = 0x46524654;
  private static final byte VERSION = 1;
  private static final int MAX_FAILURE_TEXT = 1000;

  private Frames() {}

  /** Who opens the connection, and whom it means to reach. */
  record Hello(@Nullable UUID clusterId, NodeId from, NodeId to) {}

  static ByteBuf hello(ByteBufAllocator allocator, Hello hello) {
    ByteBuf out = allocator.buffer(LENGTH_BYTES + HELLO_BYTES);
    out.writeInt(HELLO_BYTES).writeByte(HELLO).writeInt(MAGIC).writeByte(VERSION);
    UUID cluster = hello.clusterId();
    out.writeLong(cluster == null ? 0 : cluster.getMostSignificantBits());
    out.writeLong(cluster == null ? 0 : cluster.getLeastSignificantBits());
    out.writeBytes(hello.from().value().getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(hello.to().value().getBytes(StandardCharsets.US_ASCII));
    return out;
  }

  /**
   * @param in a frame after its length
   * @throws IOException if it is no hello of this version
   */
  static Hello readHello(ByteBuf in) throws IOException {
    if (in.readableBytes() != HELLO_BYTES || in.readByte() != HELLO || in.readInt() != MAGIC) {
      throw new IOException("not a FerrisDB raft connection");
    }
    byte version = in.readByte();
    if (version != VERSION) {
      throw new IOException("raft protocol version " + version + ", this node speaks " + VERSION);
    }
    UUID cluster = new UUID(in.readLong(), in.readLong());
    boolean none = cluster.getMostSignificantBits() == 0 && cluster.getLeastSignificantBits() == 0;
    try {
      return new Hello(none ? null : cluster, readNode(in), readNode(in));
    } catch (IllegalArgumentException e) {
      throw new IOException("malformed hello", e);
    }
  }

  private static NodeId readNode(ByteBuf in) {
    byte[] text = new byte[16];
    in.readBytes(text);
    return new NodeId(new String(text, StandardCharsets.US_ASCII));
  }

  /** A request or reply; serializes on the calling thread, straight into the buffer to be sent. */
  static ByteBuf message(ByteBufAllocator allocator, byte kind, long number, MessageLite body)
      throws IOException {
    int size = body.getSerializedSize();
    ByteBuf out = allocator.directBuffer(LENGTH_BYTES + 9 + size);
    try {
      out.writeInt(9 + size).writeByte(kind).writeLong(number);
      ByteBuffer target = out.internalNioBuffer(out.writerIndex(), size);
      CodedOutputStream coded = CodedOutputStream.newInstance(target);
      body.writeTo(coded);
      coded.flush();
      out.writerIndex(out.writerIndex() + size);
      return out;
    } catch (IOException | RuntimeException e) {
      out.release();
      throw e;
    }
  }

  static ByteBuf failure(ByteBufAllocator allocator, long number, String text) {
    String cut = text.length() > MAX_FAILURE_TEXT ? text.substring(0, MAX_FAILURE_TEXT) : text;
    byte[] bytes = cut.getBytes(StandardCharsets.UTF_8);
    return allocator
        .buffer(LENGTH_BYTES + 9 + bytes.length)
        .writeInt(9 + bytes.length)
        .writeByte(FAILURE)
        .writeLong(number)
        .writeBytes(bytes);
  }
}
