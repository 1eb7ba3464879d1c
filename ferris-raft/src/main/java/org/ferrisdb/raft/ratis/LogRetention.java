package org.ferrisdb.raft.ratis;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What of a log is kept once the state machine no longer needs it. Ratis by itself keeps either
 * everything that some member still lacks, so that one dead member fills every disk, or a number of
 * entries whatever their size. Here: the last {@code keepEntries}, so that a follower that was away
 * for a little while needs no checkpoint, but never more than {@code keepBytes}. Whole segments
 * only.
 */
final class LogRetention {
  private static final Pattern CLOSED = Pattern.compile("log_(\\d+)-(\\d+)");

  private LogRetention() {}

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
  static long purgeUpTo(LogFiles log, long durableIndex, long keepEntries, long keepBytes) {
    long left = log.bytes();
    long upTo = -1;
    for (Segment segment : log.closed()) {
      boolean needed = segment.last() > durableIndex;
      boolean worthKeeping = segment.last() > durableIndex - keepEntries && left <= keepBytes;
      if (needed || worthKeeping) {
        break;
      }
      upTo = segment.last();
      left -= segment.bytes();
    }
    return upTo;
  }
}
