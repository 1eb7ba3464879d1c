package org.ferrisdb.raft.ratis;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.ferrisdb.raft.GroupId;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftMember;
import org.jspecify.annotations.Nullable;

/**
 * Which groups this node has a replica of, on disk. Ratis would take a directory that is gone for a
 * new group and start an empty voter, one that has forgotten its vote and what it acknowledged;
 * this list tells the two apart. It also holds a new group's first members, which Ratis writes down
 * only once the first leader's configuration has applied.
 *
 * <p>The file {@code groups}, replaced as a whole on every change (written aside, synced, renamed,
 * directory synced). Numbers are big-endian, strings are u16 length + UTF-8.
 *
 * <pre>
 * | magic "FRGM" | version u16 = 1 | groups u32 |
 *   per group:  | id 16 B | state u8: 1 creating, 2 open, 3 removing | members u16 |
 *     per member: | node id string | host string | port u32 |
 * | CRC32C of all before u32 |
 * </pre>
 *
 * Thread-safe.
 */
final class GroupManifest {
  static final String FILE = "groups";
  private static final int MAGIC = 0x4652474D;
  private static final int VERSION = 1;

  /** How far a group's birth or end has got. */
  enum State {
    /** Decided, but it has taken part in nothing yet: if its directory is missing, make it anew. */
    CREATING(1),
    /** May have voted and acknowledged: its directory must be there. */
    OPEN(2),
    /** Being deleted. */
    REMOVING(3);

    private final int code;

    State(int code) {
      this.code = code;
    }

    static State of(int code) throws IOException {
      for (State state : values()) {
        if (state.code == code) {
          return state;
        }
      }
      throw new IOException("list of groups: unknown state " + code);
    }
  }

  /**
   * A replica's record.
   *
   * @param members the first members; empty if it joined a group that existed
   */
  record Entry(GroupId group, State state, List<RaftMember> members) {}

  private final Path directory;
  private final Map<GroupId, Entry> entries = new LinkedHashMap<>();

  private GroupManifest(Path directory) {
    this.directory = directory;
  }

  /**
   * Reads the list, or starts an empty one.
   *
   * @throws IOException if the file is damaged or of a newer version; it is left untouched
   */
  static GroupManifest open(Path directory) throws IOException {
    GroupManifest manifest = new GroupManifest(directory);
    Path file = directory.resolve(FILE);
    if (Files.exists(file)) {
      for (Entry entry : decode(Files.readAllBytes(file))) {
        manifest.entries.put(entry.group(), entry);
      }
    }
    return manifest;
  }

  synchronized List<Entry> entries() {
    return List.copyOf(entries.values());
  }

  synchronized @Nullable Entry get(GroupId group) {
    return entries.get(group);
  }

  /** Adds or replaces a record; returns once it is durable. */
  synchronized void put(Entry entry) throws IOException {
    Entry before = entries.put(entry.group(), entry);
    try {
      write();
    } catch (IOException e) {
      if (before == null) {
        entries.remove(entry.group());
      } else {
        entries.put(before.group(), before);
      }
      throw e;
    }
  }

  /** Forgets a record; returns once that is durable. */
  synchronized void remove(GroupId group) throws IOException {
    if (entries.remove(group) != null) {
      write();
    }
  }

  private void write() throws IOException {
    DurableFile.replace(directory, FILE, encode(entries()));
  }

  static byte[] encode(List<Entry> entries) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(MAGIC);
      out.writeShort(VERSION);
      out.writeInt(entries.size());
      for (Entry entry : entries) {
        out.writeLong(entry.group().value().getMostSignificantBits());
        out.writeLong(entry.group().value().getLeastSignificantBits());
        out.writeByte(entry.state().code);
        out.writeShort(entry.members().size());
        for (RaftMember member : entry.members()) {
          out.writeUTF(member.id().value());
          out.writeUTF(member.host());
          out.writeInt(member.port());
        }
      }
      CRC32C crc = new CRC32C();
      crc.update(bytes.toByteArray());
      out.writeInt((int) crc.getValue());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static List<Entry> decode(byte[] bytes) throws IOException {
    int body = bytes.length - Integer.BYTES;
    if (body < 10 || ByteBuffer.wrap(bytes).getInt() != MAGIC) {
      throw new IOException("list of groups: not one, or cut short");
    }
    int version = ByteBuffer.wrap(bytes).getShort(4) & 0xFFFF;
    if (version > VERSION) {
      throw new IOException(
          "list of groups: format version " + version + ", this build knows " + VERSION);
    }
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, body);
    if ((int) crc.getValue() != ByteBuffer.wrap(bytes).getInt(body)) {
      throw new IOException("list of groups: checksum does not match");
    }
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes, 6, body - 6))) {
      int count = in.readInt();
      List<Entry> entries = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        GroupId group = new GroupId(new UUID(in.readLong(), in.readLong()));
        State state = State.of(in.readByte());
        int size = in.readUnsignedShort();
        List<RaftMember> members = new ArrayList<>();
        for (int m = 0; m < size; m++) {
          members.add(new RaftMember(new NodeId(in.readUTF()), in.readUTF(), in.readInt()));
        }
        entries.add(new Entry(group, state, List.copyOf(members)));
      }
      return entries;
    }
  }
}
