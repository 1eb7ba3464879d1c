package org.ferrisdb.raft.ratis;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.zip.CRC32C;
import org.apache.ratis.server.storage.RaftStorageMetadata;
import org.apache.ratis.server.storage.RaftStorageMetadataFile;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A replica's term and vote, kept a second time. Ratis 3.3.0 keeps them in {@code raft-meta}, and
 * does two things wrong when that can not be written:
 *
 * <ul>
 *   <li>It moves the new file into place also when writing it failed; on a full disk an empty file
 *       replaces the good one, and which vote was in it nobody can tell any more.
 *   <li>It goes on in memory with the term that is not on disk, and writes a term only when it
 *       enters it: the second append of a leader is answered as if the first had not failed.
 * </ul>
 *
 * <p>So there is one rule here: <em>nothing that rests on a term or a vote leaves this replica
 * before they are durable in our copy</em> ({@link #require}). What rests on them: a vote given; a
 * candidate's request for votes, which is its vote for itself; the answer to a leader's append or
 * notification, which promises never to listen to an earlier leader again; and an own entry that
 * counts as flushed, the only trace of an election in a group of one. A refusal rests on nothing: a
 * term that was merely mentioned may be forgotten.
 *
 * <p>From the rule follows that a replica may always be opened with the copy, whatever became of
 * {@code raft-meta} and why: a term or a vote that is not in the copy was never relied on by
 * anybody, so forgetting it is as if this replica had died just before it took it. A vote in the
 * copy is never forgotten, because the copy is replaced only by what Ratis has written since, which
 * is never earlier. {@link #repair} therefore puts the later of the two in place. If they
 * contradict each other, the rule was broken by someone else, and the replica stays closed.
 *
 * <p>The file {@code vote}, beside {@code raft-meta} and replaced as a whole. Numbers are
 * big-endian, the string is u16 length + UTF-8.
 *
 * <pre>
 * | magic "FRVT" | version u16 = 1 | term u64 | voted for, string, empty: nobody | CRC32C of all before u32 |
 * </pre>
 *
 * Thread-safe. Checking costs a comparison as long as nothing changed, which is nearly always.
 */
final class DurableVote {
  static final String FILE = "vote";
  static final String RATIS_FILE = "raft-meta";
  private static final Logger LOG = LoggerFactory.getLogger(DurableVote.class);
  private static final int MAGIC = 0x46525654;
  private static final int VERSION = 1;
  private static final int HEADER_BYTES = 6;

  /**
   * What must not be forgotten.
   *
   * @param votedFor empty if nobody in this term
   */
  record Vote(long term, String votedFor) {
    static Vote of(RaftStorageMetadata metadata) {
      return new Vote(metadata.getTerm(), metadata.getVotedFor().toString());
    }

    boolean isLaterThan(Vote other) {
      return term > other.term
          || (term == other.term && !votedFor.isEmpty() && other.votedFor.isEmpty());
    }

    boolean contradicts(Vote other) {
      return term == other.term
          && !votedFor.isEmpty()
          && !other.votedFor.isEmpty()
          && !votedFor.equals(other.votedFor);
    }
  }

  private final Path directory;
  private final RaftStorageMetadataFile ratis;

  /** What is in our copy, as Ratis wrote it; null if that is not known yet. */
  private volatile @Nullable RaftStorageMetadata kept;

  /**
   * @param directory the one with the log's segments and {@code raft-meta}
   * @param ratis tells what Ratis has written; it remembers, and does not read each time
   */
  DurableVote(Path directory, RaftStorageMetadataFile ratis) {
    this.directory = directory;
    this.ratis = ratis;
  }

  /** Returns once what Ratis has written is in our copy too; then it may be relied on. */
  void keep() throws IOException {
    if (!ratis.getMetadata().equals(kept)) {
      copy();
    }
  }

  private synchronized void copy() throws IOException {
    RaftStorageMetadata now = ratis.getMetadata(); // again, so that the copy never goes back
    if (now.equals(kept)) {
      return;
    }
    Vote vote = Vote.of(now);
    // What is there when a replica is opened is durable: see LogTailRepair.prepare.
    if (kept != null || !vote.equals(readCopy(directory))) {
      DurableFile.replace(directory, FILE, encode(vote));
    }
    kept = now;
  }

  /**
   * Before something that rests on this term, or on a vote in it, leaves the replica.
   *
   * @throws IOException if the term could not be made durable
   */
  void require(long term) throws IOException {
    keep();
    RaftStorageMetadata now = kept;
    if (now == null || now.getTerm() < term) {
      throw new IOException("term " + term + " could not be written to " + directory);
    }
  }

  /** Whether {@link #require} has nothing to write for this term. */
  boolean isKept(long term) throws IOException {
    RaftStorageMetadata now = kept;
    return now != null && now.getTerm() == term && ratis.getMetadata().equals(now);
  }

  /** The latest term that Ratis has written. */
  long writtenTerm() throws IOException {
    return ratis.getMetadata().getTerm();
  }

  // ---- before the replica is opened ------------------------------------------------------------

  /**
   * Puts our copy in place of a {@code raft-meta} that is unreadable or earlier.
   *
   * @throws IOException if it can not be written, or if the two contradict each other
   */
  static void repair(Path directory) throws IOException {
    Path file = directory.resolve(RATIS_FILE);
    Vote copy = readCopy(directory);
    if (copy == null || !Files.exists(file)) {
      return; // no file at all is no failed write: the replica is lost, see RatisHost
    }
    Vote theirs = readRatis(file);
    if (theirs != null && copy.contradicts(theirs)) {
      throw new IOException(
          directory
              + ": two votes in one term, "
              + theirs
              + " and "
              + copy
              + "; remove this node from the group's members and add it as a new one");
    }
    if (theirs == null || copy.isLaterThan(theirs)) {
      LOG.warn("{} is {}, it becomes {} again", file, theirs == null ? "unreadable" : theirs, copy);
      writeRatis(directory, copy);
    }
  }

  /**
   * Whether a replica that once was opened can be opened again: {@code raft-meta} is there, and it
   * or our copy says what it should.
   */
  static boolean isKnown(Path directory) throws IOException {
    Path file = directory.resolve(RATIS_FILE);
    if (!Files.exists(file) && !Files.notExists(file)) {
      throw new IOException(file + " can not be looked at");
    }
    return Files.exists(file) && (readRatis(file) != null || readCopy(directory) != null);
  }

  /** Whether our copy is there and whole. */
  static boolean hasCopy(Path directory) throws IOException {
    return readCopy(directory) != null;
  }

  /**
   * A new replica that is to take part in no term below this one, nor to vote in it. Ratis reads a
   * vote for nobody as "has voted", so it never votes again in the term it finds in its file. The
   * copy comes first: whoever finds Ratis's file finds the copy too.
   */
  static void create(Path directory, long term) throws IOException {
    Files.createDirectories(directory);
    Vote nobody = new Vote(term, "");
    DurableFile.replace(directory, FILE, encode(nobody));
    writeRatis(directory, nobody);
  }

  private static void writeRatis(Path directory, Vote vote) throws IOException {
    String text = "term=" + vote.term() + "\nvotedFor=" + vote.votedFor() + "\n";
    DurableFile.replace(directory, RATIS_FILE, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Null if it is not whole, by the same rules as Ratis's. */
  private static @Nullable Vote readRatis(Path file) throws IOException {
    Properties properties = new Properties();
    try {
      properties.load(
          new StringReader(new String(Files.readAllBytes(file), StandardCharsets.UTF_8)));
      String term = properties.getProperty("term");
      String votedFor = properties.getProperty("votedFor");
      return term == null || votedFor == null ? null : new Vote(Long.parseLong(term), votedFor);
    } catch (IllegalArgumentException e) {
      return null; // no number, or no properties
    }
  }

  private static @Nullable Vote readCopy(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    if (!Files.exists(file)) {
      return null;
    }
    Vote vote = decode(Files.readAllBytes(file));
    if (vote == null) {
      LOG.warn("{} is damaged and not used", file);
    }
    return vote;
  }

  static byte[] encode(Vote vote) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(MAGIC);
      out.writeShort(VERSION);
      out.writeLong(vote.term());
      out.writeUTF(vote.votedFor());
      CRC32C crc = new CRC32C();
      crc.update(bytes.toByteArray());
      out.writeInt((int) crc.getValue());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /**
   * Null if damaged.
   *
   * @throws IOException if a newer version wrote it
   */
  static @Nullable Vote decode(byte[] bytes) throws IOException {
    int body = bytes.length - Integer.BYTES;
    if (body < HEADER_BYTES || ByteBuffer.wrap(bytes).getInt() != MAGIC) {
      return null;
    }
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, body);
    if ((int) crc.getValue() != ByteBuffer.wrap(bytes).getInt(body)) {
      return null;
    }
    int version = ByteBuffer.wrap(bytes).getShort(4) & 0xFFFF;
    if (version > VERSION) {
      throw new IOException("vote: format version " + version + ", this build knows " + VERSION);
    }
    try (DataInputStream in =
        new DataInputStream(new ByteArrayInputStream(bytes, HEADER_BYTES, body - HEADER_BYTES))) {
      return new Vote(in.readLong(), in.readUTF());
    }
  }
}
