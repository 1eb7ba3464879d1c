package org.ferrisdb.raft.ratis;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ferrisdb.raft.GroupStatus.FollowerProgress;
import org.ferrisdb.raft.RaftOptions;

/**
 * What of a log is kept once the state machine no longer needs it. Ratis by itself keeps either
 * everything that some member still lacks, so that one dead member fills every disk, or a number of
 * entries whatever their size. Here: the last {@code keepEntries}, so that a follower that was away
 * for a little while needs no checkpoint, but never more than {@code keepBytes}; and what a member
 * needs that is catching up, up to {@link #CATCHING_UP} times the size at which a log is compacted.
 * Without that a member whose checkpoint takes longer to fetch than the others take to write so
 * much would find, each time it has one, that the log does not reach back to it. Whole segments
 * only.
 */
final class LogRetention {
  private static final Pattern CLOSED = Pattern.compile("log_(\\d+)-(\\d+)");

  /** So many times {@link RaftOptions#logBytesBeforeCompaction} at the most for a member. */
  static final int CATCHING_UP = 8;

  private LogRetention() {}

  /**
   * How much is kept of what the state machine does not need.
   *
   * @param entries the last ones, for a follower that was away for a little while
   * @param bytes not more of them
   * @param from the first index that a member which is catching up has not got; {@link
   *     Long#MAX_VALUE} if there is none
   * @param mostBytes not more even for such a member
   */
  record Keep(long entries, long bytes, long from, long mostBytes) {
    static Keep of(RaftOptions options, long from) {
      long compacted = options.logBytesBeforeCompaction();
      return new Keep(options.keepEntries(), compacted / 2, from, CATCHING_UP * compacted);
    }
  }

  /** A closed segment, with the indexes of its first and last entry. */
  record Segment(long first, long last, long bytes) {}

  /**
   * A log's files.
   *
   * @param closed in the order of their entries
   * @param bytes of all, also of the segment being written
   */
  record LogFiles(List<Segment> closed, long bytes) {}

  /** Lists a log; files that vanish meanwhile are left out. */
  static LogFiles list(Path directory) throws IOException {
    List<Segment> closed = new ArrayList<>();
    long bytes = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "log_*")) {
      for (Path file : files) {
        try {
          long size = Files.size(file);
          bytes += size;
          Matcher name = CLOSED.matcher(file.getFileName().toString());
          if (name.matches()) {
            closed.add(
                new Segment(Long.parseLong(name.group(1)), Long.parseLong(name.group(2)), size));
          }
        } catch (NoSuchFileException e) {
          // Purged between the listing and the look.
        }
      }
    }
    closed.sort(Comparator.comparingLong(Segment::first));
    return new LogFiles(List.copyOf(closed), bytes);
  }

  /**
   * Decides; pure.
   *
   * @param durableIndex what the state machine has made durable: nothing after it may go
   * @return the last index to purge, -1 if nothing is to go
   */
  static long purgeUpTo(LogFiles log, long durableIndex, Keep keep) {
    long left = log.bytes();
    long upTo = -1;
    for (Segment segment : log.closed()) {
      boolean needed = segment.last() > durableIndex;
      boolean recent = segment.last() > durableIndex - keep.entries() && left <= keep.bytes();
      // To send an entry Ratis also wants the one before it, for its term.
      boolean claimed = segment.last() >= keep.from() - 1 && left <= keep.mostBytes();
      if (needed || recent || claimed) {
        break;
      }
      upTo = segment.last();
      left -= segment.bytes();
    }
    return upTo;
  }

  /**
   * The first index that a member which answers has not got, if this log has it. One that needs a
   * checkpoint does not count: what it will need is known to whoever gives it one, see {@link
   * LogHolds}. Pure.
   *
   * @param begin the log's first index
   * @param followers as this log's leader sees them; of others there are none
   * @param answering those that have been silent for longer may be dead
   */
  static long neededFrom(long begin, List<FollowerProgress> followers, Duration answering) {
    return followers.stream()
        .filter(f -> !f.needsCheckpoint() && f.silentMillis() <= answering.toMillis())
        .mapToLong(f -> Math.max(f.matchIndex() + 1, begin))
        .min()
        .orElse(Long.MAX_VALUE);
  }
}
