package org.ferrisdb.node.cluster;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.storage.io.FileSystem;

/**
 * What this node is doing, or has done, to its own replicas, so that a crash neither leaves it
 * half-done nor has it done twice. The file {@code replica.marks}, replaced as a whole:
 *
 * <pre>
 * ferrisdb-marks 1            format
 * mark 4 REJOINED 17          shard (0: meta), what, the repair's id (0 where there is none)
 * crc32c 1a2b3c4d             of all bytes before this line
 * </pre>
 *
 * A shard has one mark at most; the file never grows beyond a line a shard. Thread-safe.
 */
final class ReplicaMarks {
  private static final String FIRST = "ferrisdb-marks 1";

  /** What is noted. */
  enum Kind {
    /** What is left of a lost replica is being deleted, and an empty one opened. */
    REJOINING,
    /** That has been done for this repair, and must not be done for it again. */
    REJOINED,
    /** The replica and its files are being deleted; it is no member any more. */
    REMOVING
  }

  /**
   * A mark.
   *
   * @param kind what
   * @param repair for which repair, 0 for none
   */
  record Mark(Kind kind, long repair) {}

  private final FileSystem files;
  private final Path directory;
  private final Path file;
  private final Map<ShardId, Mark> marks = new TreeMap<>();

  private ReplicaMarks(FileSystem files, Path directory) {
    this.files = files;
    this.directory = directory;
    this.file = directory.resolve("replica.marks");
  }

  /**
   * Reads the file, if there is one.
   *
   * @throws IOException if it is damaged: then nothing may be deleted on its word
   */
  static ReplicaMarks open(FileSystem files, Path directory) throws IOException {
    ReplicaMarks marks = new ReplicaMarks(files, directory);
    if (files.exists(marks.file)) {
      try (FileSystem.ReadableFile in = files.open(marks.file)) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(in.size()));
        in.read(bytes, 0);
        marks.marks.putAll(decode(new String(bytes.array(), StandardCharsets.UTF_8)));
      } catch (IllegalArgumentException e) {
        throw new IOException(
            marks.file
                + ": "
                + e.getMessage()
                + "; empty this node's disk, so that it is replaced as a whole",
            e);
      }
    }
    return marks;
  }

  synchronized Optional<Mark> get(ShardId shard) {
    return Optional.ofNullable(marks.get(shard));
  }

  /** All shards with a mark of the kind. */
  synchronized java.util.List<ShardId> all(Kind kind) {
    return marks.entrySet().stream()
        .filter(e -> e.getValue().kind() == kind)
        .map(Map.Entry::getKey)
        .toList();
  }

  /** The repair for which the shard's replica has begun anew; 0 if it never has. */
  synchronized long rejoined(ShardId shard) {
    Mark mark = marks.get(shard);
    return mark != null && mark.kind() == Kind.REJOINED ? mark.repair() : 0;
  }

  /** Notes it; returns once that is durable. */
  synchronized void put(ShardId shard, Mark mark) throws IOException {
    Map<ShardId, Mark> next = new TreeMap<>(marks);
    next.put(shard, mark);
    write(next);
  }

  /** Forgets it; returns once that is durable. */
  synchronized void remove(ShardId shard) throws IOException {
    Map<ShardId, Mark> next = new TreeMap<>(marks);
    if (next.remove(shard) != null) {
      write(next);
    }
  }

  private void write(Map<ShardId, Mark> next) throws IOException {
    Path temporary = file.resolveSibling("replica.marks.tmp");
    if (files.exists(temporary)) {
      files.delete(temporary);
    }
    try (FileSystem.WritableFile out = files.create(temporary)) {
      out.append(ByteBuffer.wrap(encode(next).getBytes(StandardCharsets.UTF_8)));
      out.sync();
    }
    files.rename(temporary, file);
    files.syncDirectory(directory);
    marks.clear();
    marks.putAll(next);
  }

  static String encode(Map<ShardId, Mark> marks) {
    StringBuilder out = new StringBuilder(FIRST).append('\n');
    marks.forEach((shard, mark) ->
        out.append("mark ")
            .append(shard.value())
            .append(' ')
            .append(mark.kind())
            .append(' ')
            .append(mark.repair())
            .append('\n'));
    return out + "crc32c " + checksum(out.toString()) + "\n";
  }

  static Map<ShardId, Mark> decode(String text) {
    int crcLine = text.lastIndexOf("crc32c ");
    if (crcLine < 0
        || !text.substring(crcLine)
            .equals("crc32c " + checksum(text.substring(0, crcLine)) + "\n")) {
      throw new IllegalArgumentException("checksum does not match: the file is damaged");
    }
    String[] lines = text.substring(0, crcLine).split("\n");
    if (!lines[0].equals(FIRST)) {
      throw new IllegalArgumentException(
          "format '" + lines[0] + "', this release knows '" + FIRST + "'");
    }
    Map<ShardId, Mark> marks = new TreeMap<>();
    for (int i = 1; i < lines.length; i++) {
      String[] words = lines[i].split(" ", -1);
      if (words.length != 4 || !words[0].equals("mark")) {
        throw new IllegalArgumentException("unknown line '" + lines[i] + "'");
      }
      marks.put(
          new ShardId(Long.parseLong(words[1])),
          new Mark(Kind.valueOf(words[2]), Long.parseLong(words[3])));
    }
    return marks;
  }

  private static String checksum(String text) {
    CRC32C crc = new CRC32C();
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().toHexDigits((int) crc.getValue());
  }
}
