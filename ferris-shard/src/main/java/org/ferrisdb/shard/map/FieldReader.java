package org.ferrisdb.shard.map;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.ferrisdb.raft.NodeId;

/**
 * Reads what {@link FieldWriter} wrote. Every length is checked against what is left before
 * anything is allocated, so that arbitrary bytes end in {@link Malformed} and nothing else. Not
 * thread-safe.
 */
public final class FieldReader {
  /** The bytes are not what a {@link FieldWriter} writes. */
  public static final class Malformed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Says what was expected and where. */
    public Malformed(String message) {
      super(message);
    }
  }

  private final ByteBuffer in;

  /** Reads the remaining bytes of the buffer, whose own position does not move. */
  public FieldReader(ByteBuffer in) {
    this.in = in.slice(); // big-endian, whatever the order of the original
  }

  /** Reads the array. */
  public FieldReader(byte[] in) {
    this(ByteBuffer.wrap(in));
  }

  /** Reads one byte. */
  public int u8() {
    require(1);
    return in.get() & 0xff;
  }

  /** Reads two bytes. */
  public int u16() {
    require(2);
    return in.getShort() & 0xffff;
  }

  /** Reads four bytes; as they are, so above 2^31 negative. */
  public int u32() {
    require(4);
    return in.getInt();
  }

  /** Reads eight bytes. */
  public long u64() {
    require(8);
    return in.getLong();
  }

  /** Reads a byte string. */
  public byte[] bytes() {
    return raw(u16());
  }

  /** Reads that many bytes. */
  public byte[] raw(int length) {
    require(length);
    byte[] value = new byte[length];
    in.get(value);
    return value;
  }

  /** Reads a text. */
  public String text() {
    byte[] value = bytes();
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value)).toString();
    } catch (CharacterCodingException e) {
      throw malformed("a text that is not UTF-8");
    }
  }

  /** Reads a node id. */
  public NodeId nodeId() {
    return new NodeId("%016x".formatted(u64()));
  }

  /** Reads a list of node ids. */
  public List<NodeId> nodeIds() {
    int count = u16();
    require(8L * count);
    List<NodeId> ids = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ids.add(nodeId());
    }
    return ids;
  }

  /** Reads a node. */
  public NodeRecord node() {
    NodeId id = nodeId();
    int state = u8();
    String name = text();
    String client = text();
    String raft = text();
    String http = text();
    NodeRecord.State known =
        switch (state) {
          case 1, 3 -> NodeRecord.State.MEMBER;
          case 2, 4 -> NodeRecord.State.REPLACED;
          default -> throw malformed("a node state " + state);
        };
    SortedMap<String, String> networks = state > 2 ? networks() : new TreeMap<>();
    return new NodeRecord(id, name, client, raft, http, known, networks);
  }

  private SortedMap<String, String> networks() {
    SortedMap<String, String> networks = new TreeMap<>();
    for (int left = u16(); left > 0; left--) {
      String network = text();
      networks.put(network, text());
    }
    return networks;
  }

  /** Reads a descriptor. */
  public ShardDescriptor descriptor() {
    long id = u64();
    long epoch = u64();
    byte[] start = bytes();
    byte[] end = bytes();
    return new ShardDescriptor(new ShardId(id), new KeyRange(start, end), nodeIds(), epoch);
  }

  /** Reads a list of nodes. */
  public List<NodeRecord> nodes() {
    int count = count(17);
    List<NodeRecord> nodes = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      nodes.add(node());
    }
    return nodes;
  }

  /** Reads a list of descriptors. */
  public List<ShardDescriptor> descriptors() {
    int count = count(22);
    List<ShardDescriptor> descriptors = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      descriptors.add(descriptor());
    }
    return descriptors;
  }

  /** Reads a repair. */
  public ReplicaRepair repair() {
    return new ReplicaRepair(u64(), new ShardId(u64()), nodeId(), step(), u64());
  }

  /** Reads a step of a repair. */
  public ReplicaRepair.Step step() {
    int step = u8();
    return switch (step) {
      case 1 -> ReplicaRepair.Step.REMOVE;
      case 2 -> ReplicaRepair.Step.REJOIN;
      case 3 -> ReplicaRepair.Step.ADD;
      default -> throw malformed("a repair's step " + step);
    };
  }

  /** Reads a list of repairs. */
  public List<ReplicaRepair> repairs() {
    int count = count(33);
    List<ReplicaRepair> repairs = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      repairs.add(repair());
    }
    return repairs;
  }

  /** Reads a list's count, given the least number of bytes an element takes. */
  public int count(int leastBytes) {
    int count = u32();
    if (count < 0) {
      throw malformed("a count of " + Integer.toUnsignedString(count));
    }
    require((long) count * leastBytes);
    return count;
  }

  /** Bytes not read yet. */
  public int remaining() {
    return in.remaining();
  }

  /**
   * Checks that everything was read.
   *
   * @throws Malformed if not
   */
  public void end() {
    if (in.hasRemaining()) {
      throw malformed(in.remaining() + " bytes behind the end");
    }
  }

  /** An exception that says what was found here. */
  public Malformed malformed(String found) {
    return new Malformed("found " + found + " at offset " + in.position());
  }

  private void require(long bytes) {
    if (in.remaining() < bytes) {
      throw malformed("only " + in.remaining() + " bytes where " + bytes + " are needed");
    }
  }
}
