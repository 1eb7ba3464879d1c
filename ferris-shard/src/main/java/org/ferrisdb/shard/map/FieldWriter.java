package org.ferrisdb.shard.map;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.ferrisdb.raft.NodeId;

/**
 * Appends fields to a growing array: big-endian integers, byte strings and texts that begin with
 * their length, and the records of the shard map.
 *
 * <pre>
 * bytes      := u16 length | byte*
 * text       := bytes, UTF-8
 * node id    := 8 bytes (the 16 hexadecimal digits)
 * node       := node id | u8 state | text name | text client | text raft | text http
 *               state 1 member, 2 replaced; 3 and 4 the same, and behind http:
 *               u16 count | (text network | text client)*, ascending by network
 * descriptor := u64 id | u64 epoch | bytes start | bytes end | u16 count | node id*
 * repair     := u64 id | u64 group | node id | u8 step | u64 term
 * list of x  := u32 count | x*
 * </pre>
 *
 * Not thread-safe.
 */
public final class FieldWriter {
  private static final int MAX_LENGTH = 0xffff;

  private byte[] buffer = new byte[128];
  private int size;

  /** Appends the lowest byte. */
  public FieldWriter u8(int value) {
    ensure(1);
    buffer[size++] = (byte) value;
    return this;
  }

  /** Appends the lowest two bytes. */
  public FieldWriter u16(int value) {
    return u8(value >>> 8).u8(value);
  }

  /** Appends four bytes. */
  public FieldWriter u32(int value) {
    return u16(value >>> 16).u16(value);
  }

  /** Appends eight bytes. */
  public FieldWriter u64(long value) {
    return u32((int) (value >>> 32)).u32((int) value);
  }

  /**
   * Appends a byte string.
   *
   * @throws IllegalArgumentException if it is longer than 65,535 bytes
   */
  public FieldWriter bytes(byte[] value) {
    if (value.length > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "a field of " + value.length + " bytes is longer than " + MAX_LENGTH);
    }
    u16(value.length);
    return raw(value);
  }

  /** Appends the bytes alone, without their length. */
  public FieldWriter raw(byte[] value) {
    ensure(value.length);
    System.arraycopy(value, 0, buffer, size, value.length);
    size += value.length;
    return this;
  }

  /** Appends a text. */
  public FieldWriter text(String value) {
    return bytes(value.getBytes(StandardCharsets.UTF_8));
  }

  /** Appends a node id. */
  public FieldWriter nodeId(NodeId id) {
    return u64(Long.parseUnsignedLong(id.value(), 16));
  }

  /** Appends a list of node ids. */
  public FieldWriter nodeIds(List<NodeId> ids) {
    u16(ids.size());
    ids.forEach(this::nodeId);
    return this;
  }

  /** Appends a node. */
  public FieldWriter node(NodeRecord node) {
    nodeId(node.id());
    int state =
        switch (node.state()) {
          case MEMBER -> 1;
          case REPLACED -> 2;
        };
    // Without networks the bytes are those of releases that knew of none.
    u8(node.networks().isEmpty() ? state : state + 2);
    text(node.name());
    text(node.clientAddress());
    text(node.raftAddress());
    text(node.httpAddress());
    if (!node.networks().isEmpty()) {
      u16(node.networks().size());
      node.networks().forEach((network, address) -> text(network).text(address));
    }
    return this;
  }

  /** Appends a descriptor. */
  public FieldWriter descriptor(ShardDescriptor descriptor) {
    u64(descriptor.id().value());
    u64(descriptor.epoch());
    bytes(descriptor.range().start());
    bytes(descriptor.range().end());
    return nodeIds(descriptor.replicas());
  }

  /** Appends a list of nodes. */
  public FieldWriter nodes(List<NodeRecord> nodes) {
    u32(nodes.size());
    nodes.forEach(this::node);
    return this;
  }

  /** Appends a list of descriptors. */
  public FieldWriter descriptors(List<ShardDescriptor> descriptors) {
    u32(descriptors.size());
    descriptors.forEach(this::descriptor);
    return this;
  }

  /** Appends a repair. */
  public FieldWriter repair(ReplicaRepair repair) {
    u64(repair.id()).u64(repair.group().value()).nodeId(repair.node());
    return step(repair.step()).u64(repair.term());
  }

  /** Appends a step of a repair. */
  public FieldWriter step(ReplicaRepair.Step step) {
    return u8(
        switch (step) {
          case REMOVE -> 1;
          case REJOIN -> 2;
          case ADD -> 3;
        });
  }

  /** Appends a list of repairs. */
  public FieldWriter repairs(List<ReplicaRepair> repairs) {
    u32(repairs.size());
    repairs.forEach(this::repair);
    return this;
  }

  /** Bytes appended so far. */
  public int size() {
    return size;
  }

  /** A copy of what was appended. */
  public byte[] toBytes() {
    return Arrays.copyOf(buffer, size);
  }

  private void ensure(int more) {
    if (buffer.length - size < more) {
      buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, size + more));
    }
  }
}
