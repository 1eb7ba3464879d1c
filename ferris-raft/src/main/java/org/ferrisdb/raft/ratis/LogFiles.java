package org.ferrisdb.raft.ratis;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.ratis.server.protocol.TermIndex;

/**
 * The files of a log, looked at while Ratis has not opened it. Files are {@code log_FIRST-LAST} and
 * {@code log_inprogress_FIRST}; the format of their records is told in {@link LogTailRepair}.
 */
final class LogFiles {
  private static final Pattern SEGMENT = Pattern.compile("log_(?:inprogress_(\\d+)|(\\d+)-(\\d+))");

  /** Larger ones are not ours, and not looked into. */
  private static final long MAX_FILE_BYTES = 1L << 30;

  private record Segment(Path file, long first, long last) {
    boolean isOpen() {
      return last < 0;
    }
  }

  private LogFiles() {}

  /**
   * Says whether a log that Ratis refused is damaged. Ratis's exceptions do not tell damage, which
   * stays, from a full disk or a lack of file handles, which go away; so the files are read.
   *
   * @param current Ratis's directory of the group
   * @return what is wrong, empty if nothing is
   * @throws Unreadable if the disk does not give a part of it: damage, if that stays so
   * @throws IOException if it can not be told
   */
  static Optional<String> damage(Path current) throws IOException {
    if (!DurableVote.isKnown(current)) {
      return Optional.of("its vote is gone");
    }
    long next = -1;
    for (Segment segment : segments(current).values()) {
      if (next >= 0 && segment.first() != next) {
        return Optional.of(
            "entries from " + next + " to " + (segment.first() - 1) + " are missing");
      }
      if (Files.size(segment.file()) > MAX_FILE_BYTES) {
        return Optional.empty();
      }
      byte[] bytes;
      try (FileChannel file = FileChannel.open(segment.file(), StandardOpenOption.READ)) {
        bytes = read(segment.file(), file);
      }
      int records = LogTailRepair.wholeRecords(bytes);
      if (records < 0 || (!segment.isOpen() && records != segment.last() - segment.first() + 1)) {
        return Optional.of(segment.file().getFileName() + " is damaged");
      }
      next = segment.isOpen() ? segment.first() + records : segment.last() + 1;
    }
    return Optional.empty();
  }

  /** A file that is there, and open, and whose bytes the disk does not give. */
  static final class Unreadable extends IOException {
    private static final long serialVersionUID = 1L;

    Unreadable(Path file, long at, IOException cause) {
      super(file.getFileName() + " can not be read at " + at + ": " + cause.getMessage(), cause);
    }
  }

  private static byte[] read(Path name, FileChannel file) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((int) Math.max(1, file.size()));
    try {
      while (bytes.hasRemaining() && file.read(bytes, bytes.position()) > 0) {
        // goes on
      }
    } catch (ClosedChannelException e) {
      throw e; // interrupted: that says nothing of the disk
    } catch (IOException e) {
      throw new Unreadable(name, bytes.position(), e);
    }
    return Arrays.copyOf(bytes.array(), bytes.position());
  }

  /**
   * Deletes a log that the state has overtaken, after the state was replaced by a checkpoint:
   *
   * <ul>
   *   <li>one that ends before the state does: what Ratis does with it leaves its last segment
   *       behind, and a gap;
   *   <li>one that reaches as far but holds, where the state ends, an entry of an earlier term:
   *       what a leader had not committed when it was deposed. Ratis would keep it, and a replica
   *       that led later would give these entries to another as if they had been committed.
   * </ul>
   *
   * Nothing is lost: all that is committed up there is in the state, and what follows an entry that
   * was never committed never was either.
   *
   * @param state where the state ends
   * @return whether there was such a log
   */
  static boolean deleteIfOvertaken(Path current, TermIndex state) throws IOException {
    Collection<Segment> segments = segments(current).values();
    boolean behind = true;
    for (Segment segment : segments) {
      behind &= end(segment) < state.getIndex();
    }
    if (!behind && !isOvertaken(termAt(segments, state.getIndex()), state)) {
      return false;
    }
    for (Segment segment : segments) {
      Files.delete(segment.file());
    }
    DirectorySync.force(current);
    return !segments.isEmpty();
  }

  /**
   * Whether a log with an entry of this term where the state ends was overtaken by it.
   *
   * @param termInLog -1 if there is no such entry
   */
  static boolean isOvertaken(long termInLog, TermIndex state) {
    return termInLog >= 0 && termInLog < state.getTerm();
  }

  /** The term of an entry; -1 if it is not there, or can not be read, which is not judged here. */
  private static long termAt(Collection<Segment> segments, long index) throws IOException {
    for (Segment segment : segments) {
      boolean holds = segment.first() <= index && (segment.isOpen() || index <= segment.last());
      if (holds && Files.size(segment.file()) <= MAX_FILE_BYTES) {
        return LogTailRepair.termOf(Files.readAllBytes(segment.file()), index - segment.first());
      }
    }
    return -1;
  }

  /** The index of the last entry; a damaged segment is not judged here, it may have any. */
  private static long end(Segment segment) throws IOException {
    if (!segment.isOpen()) {
      return segment.last();
    }
    int records = LogTailRepair.wholeRecords(Files.readAllBytes(segment.file()));
    return records < 0 ? Long.MAX_VALUE : segment.first() + records - 1;
  }

  private static SortedMap<Long, Segment> segments(Path current) throws IOException {
    SortedMap<Long, Segment> found = new TreeMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(current, "log_*")) {
      for (Path file : files) {
        Matcher name = SEGMENT.matcher(file.getFileName().toString());
        if (name.matches()) {
          boolean open = name.group(1) != null;
          long first = Long.parseLong(open ? name.group(1) : name.group(2));
          found.put(first, new Segment(file, first, open ? -1 : Long.parseLong(name.group(3))));
        }
      }
    }
    return found;
  }
}
