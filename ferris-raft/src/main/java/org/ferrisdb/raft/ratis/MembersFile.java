package org.ferrisdb.raft.ratis;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.thirdparty.com.google.protobuf.InvalidProtocolBufferException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The group's members as of the last configuration that a replica has applied, which Ratis 3.3.0
 * keeps in {@code raft-meta.conf}: one entry of the log. It is needed once that entry is purged
 * from the log. Ratis writes it like its vote (see {@link DurableVote}), so that a full disk
 * empties it, and it neither stops then nor when it finds the file unreadable later: it would go on
 * with the group's first members, which may long have left. So it is looked at after each change,
 * and before anything is purged.
 */
final class MembersFile {
  static final String FILE = "raft-meta.conf";
  private static final Logger LOG = LoggerFactory.getLogger(MembersFile.class);

  private final Path directory;

  /**
   * @param directory the one with the log's segments
   */
  MembersFile(Path directory) {
    this.directory = directory;
  }

  /** Returns once the entry, which Ratis should just have written, is in the file. */
  void require(LogEntryProto configuration) throws IOException {
    LogEntryProto written = read();
    if (written == null || written.getIndex() != configuration.getIndex()) {
      LOG.warn("{} does not hold {}, it is written again", directory, configuration.getIndex());
      DurableFile.replace(directory, FILE, configuration.toByteArray());
    }
  }

  /**
   * Whether the log may forget the entry. No file at all is fine: then the log never had one.
   *
   * @throws IOException if it is damaged; the next configuration, which a new leader brings, mends
   *     it
   */
  void requireWhole() throws IOException {
    if (Files.exists(directory.resolve(FILE)) && read() == null) {
      throw new IOException(directory + "/" + FILE + " is unreadable, the log keeps everything");
    }
  }

  /** Null if there is none, or it is not whole. */
  private @Nullable LogEntryProto read() throws IOException {
    Path file = directory.resolve(FILE);
    if (!Files.exists(file)) {
      return null;
    }
    try {
      LogEntryProto entry = LogEntryProto.parseFrom(Files.readAllBytes(file));
      return entry.hasConfigurationEntry() ? entry : null;
    } catch (InvalidProtocolBufferException e) {
      return null;
    }
  }
}
