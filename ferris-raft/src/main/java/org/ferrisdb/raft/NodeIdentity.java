package org.ferrisdb.raft;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Who a data directory is: drawn at random when it is first used, never changed. A node whose disk
 * was emptied comes back with a new identity, because nothing repairs a replica that has forgotten
 * its vote and its log under its old one.
 *
 * <p>The file {@code identity}, replaced as a whole (written aside, synced, renamed, directory
 * synced). Numbers are big-endian.
 *
 * <pre>
 *  0  magic "FRID"
 *  4  format version u16 = 1
 *  6  flags u16: bit 0 = belongs to a cluster
 *  8  node id, 16 ASCII digits
 * 24  cluster id 16 B, zeros while it belongs to none
 * 40  CRC32C of bytes 0-39 u32
 * </pre>
 *
 * @param nodeId this directory's node
 * @param clusterId the cluster it belongs to; null until it has joined one, then for good
 */
public record NodeIdentity(NodeId nodeId, @Nullable UUID clusterId) {
  /** The file's name in the data directory. */
  public static final String FILE = "identity";

  private static final int MAGIC = 0x46524944;
  private static final short VERSION = 1;
  private static final int BODY_BYTES = 40;
  private static final int FILE_BYTES = BODY_BYTES + Integer.BYTES;

  /**
   * Reads the directory's identity, or draws one if it has none. Only one process may do this at a
   * time: hold the {@link DataDirectoryLock}.
   *
   * @throws IOException if the file is damaged or of a newer version; it is left untouched
   */
  public static NodeIdentity openOrDraw(Path directory, RandomGenerator random) throws IOException {
    Path file = directory.resolve(FILE);
    if (Files.exists(file)) {
      return decode(Files.readAllBytes(file));
    }
    NodeIdentity drawn =
        new NodeIdentity(new NodeId(String.format("%016x", random.nextLong())), null);
    drawn.write(directory);
    return drawn;
  }

  /**
   * Writes down that this node belongs to the cluster; returns once that is durable.
   *
   * @throws IllegalStateException if it belongs to another one
   */
  public NodeIdentity joined(UUID cluster, Path directory) throws IOException {
    if (cluster.equals(clusterId)) {
      return this;
    }
    if (clusterId != null) {
      throw new IllegalStateException(
          "node " + nodeId + " belongs to cluster " + clusterId + ", not " + cluster);
    }
    NodeIdentity member = new NodeIdentity(nodeId, cluster);
    member.write(directory);
    return member;
  }

  private void write(Path directory) throws IOException {
    Path aside = directory.resolve(FILE + ".tmp");
    try (FileChannel out =
        FileChannel.open(
            aside,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(encode());
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(true);
    }
    Files.move(aside, directory.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
      entries.force(true);
    }
  }

  byte[] encode() {
    ByteBuffer out = ByteBuffer.allocate(FILE_BYTES);
    UUID cluster = clusterId;
    out.putInt(MAGIC).putShort(VERSION).putShort((short) (cluster == null ? 0 : 1));
    out.put(nodeId.value().getBytes(StandardCharsets.US_ASCII));
    out.putLong(cluster == null ? 0 : cluster.getMostSignificantBits());
    out.putLong(cluster == null ? 0 : cluster.getLeastSignificantBits());
    out.putInt(checksum(out.array()));
    return out.array();
  }

  static NodeIdentity decode(byte[] bytes) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (bytes.length < 6 || in.getInt() != MAGIC) {
      throw new IOException("not a node identity file");
    }
    int version = in.getShort() & 0xFFFF;
    if (version > VERSION) {
      throw new IOException(
          "data directory of format version " + version + ", this build knows up to " + VERSION);
    }
    if (bytes.length != FILE_BYTES || checksum(bytes) != in.getInt(BODY_BYTES)) {
      throw new IOException("node identity file is damaged: its checksum does not match");
    }
    boolean member = (in.getShort() & 1) != 0;
    byte[] node = new byte[16];
    in.get(node);
    UUID cluster = new UUID(in.getLong(), in.getLong());
    return new NodeIdentity(
        new NodeId(new String(node, StandardCharsets.US_ASCII)), member ? cluster : null);
  }

  private static int checksum(byte[] file) {
    CRC32C crc = new CRC32C();
    crc.update(file, 0, BODY_BYTES);
    return (int) crc.getValue();
  }
}
