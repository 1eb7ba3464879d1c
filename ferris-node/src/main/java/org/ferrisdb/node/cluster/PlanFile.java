package org.ferrisdb.node.cluster;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.shard.map.NodeRecord;
import org.ferrisdb.storage.io.FileSystem;

/**
 * The plan on disk, {@code cluster.plan}: text, so that an operator can read it, and replaced as a
 * whole.
 *
 * <pre>
 * ferrisdb-plan 1                                     format
 * cluster 8a1e...                                     UUID
 * created no                                          yes: this node has made its replicas
 * shards 4
 * split 6d                                            hexadecimal, one line a key, perhaps none
 * member 00f1... n1 127.0.0.1:7001 127.0.0.1:7101 127.0.0.1:7201     id name client raft http,
 *                                                     and perhaps network=client for each network
 * crc32c 1a2b3c4d                                     of all bytes before this line
 * </pre>
 */
final class PlanFile {
  private static final String FIRST = "ferrisdb-plan 1";

  /**
   * What the file says.
   *
   * @param plan the plan
   * @param created whether this node has made its replicas from it; after that it never does again,
   *     since a replica that is missing later was lost or moved away
   */
  record Content(ClusterPlan plan, boolean created) {}

  private final FileSystem files;
  private final Path directory;
  private final Path file;

  PlanFile(FileSystem files, Path directory) {
    this.files = files;
    this.directory = directory;
    this.file = directory.resolve("cluster.plan");
  }

  /** Reads it; empty if there is none. */
  Optional<Content> read() throws IOException {
    if (!files.exists(file)) {
      return Optional.empty();
    }
    try (FileSystem.ReadableFile in = files.open(file)) {
      ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(in.size()));
      in.read(bytes, 0);
      return Optional.of(decode(new String(bytes.array(), StandardCharsets.UTF_8)));
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /** Replaces it, synced. */
  void write(Content content) throws IOException {
    Path temporary = file.resolveSibling("cluster.plan.tmp");
    if (files.exists(temporary)) {
      files.delete(temporary);
    }
    try (FileSystem.WritableFile out = files.create(temporary)) {
      out.append(ByteBuffer.wrap(encode(content).getBytes(StandardCharsets.UTF_8)));
      out.sync();
    }
    files.rename(temporary, file);
    files.syncDirectory(directory);
  }

  static String encode(Content content) {
    ClusterPlan plan = content.plan();
    StringBuilder out = new StringBuilder(FIRST).append('\n');
    out.append("cluster ").append(plan.cluster()).append('\n');
    out.append("created ").append(content.created() ? "yes" : "no").append('\n');
    out.append("shards ").append(plan.shards()).append('\n');
    for (byte[] key : plan.splitKeys()) {
      out.append("split ").append(HexFormat.of().formatHex(key)).append('\n');
    }
    for (NodeRecord m : plan.members()) {
      out.append("member ").append(m.id()).append(' ').append(m.name()).append(' ');
      out.append(m.clientAddress()).append(' ').append(m.raftAddress()).append(' ');
      out.append(m.httpAddress());
      m.networks()
          .forEach((net, address) -> out.append(' ').append(net).append('=').append(address));
      out.append('\n');
    }
    return out + "crc32c " + checksum(out.toString()) + "\n";
  }

  static Content decode(String text) {
    int crcLine = text.lastIndexOf("crc32c ");
    if (crcLine < 0
        || !text.substring(crcLine)
            .equals("crc32c " + checksum(text.substring(0, crcLine)) + "\n")) {
      throw new IllegalArgumentException("checksum does not match: the file is damaged");
    }
    String[] lines = text.substring(0, crcLine).split("\n", -1);
    if (!lines[0].equals(FIRST)) {
      throw new IllegalArgumentException(
          "format '" + lines[0] + "', this release knows '" + FIRST + "'");
    }
    UUID cluster = null;
    boolean created = false;
    int shards = 0;
    List<byte[]> splits = new ArrayList<>();
    List<NodeRecord> members = new ArrayList<>();
    for (int i = 1; i < lines.length; i++) {
      String[] words = lines[i].split(" ", -1);
      switch (words[0]) {
        case "cluster" -> cluster = UUID.fromString(words[1]);
        case "created" -> created = words[1].equals("yes");
        case "shards" -> shards = Integer.parseInt(words[1]);
        case "split" -> splits.add(HexFormat.of().parseHex(words[1]));
        case "member" -> members.add(member(words));
        case "" -> {}
        default -> throw new IllegalArgumentException("unknown line '" + lines[i] + "'");
      }
    }
    if (cluster == null) {
      throw new IllegalArgumentException("no cluster line");
    }
    return new Content(new ClusterPlan(cluster, members, shards, splits), created);
  }

  private static NodeRecord member(String[] words) {
    SortedMap<String, String> networks = new TreeMap<>();
    for (int i = 6; i < words.length; i++) {
      String[] pair = words[i].split("=", 2);
      if (pair.length < 2) {
        throw new IllegalArgumentException("not network=address: '" + words[i] + "'");
      }
      networks.put(pair[0], pair[1]);
    }
    return new NodeRecord(
        new NodeId(words[1]),
        words[2],
        words[3],
        words[4],
        words[5],
        NodeRecord.State.MEMBER,
        networks);
  }

  private static String checksum(String text) {
    CRC32C crc = new CRC32C();
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().toHexDigits((int) crc.getValue());
  }
}
