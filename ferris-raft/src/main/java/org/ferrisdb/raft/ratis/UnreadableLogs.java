package org.ferrisdb.raft.ratis;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.ferrisdb.raft.GroupId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a worn sector from a disk that is away for a while, as a volume behind a network can be:
 * both fail reads. A log is damaged only if it can not be read for as long as {@link #PATIENCE},
 * and the disk takes other writes meanwhile; else a moment's failure of a storage system that all
 * members share would have all of them give up their logs. Thread-safe.
 */
final class UnreadableLogs {
  static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Logger LOG = LoggerFactory.getLogger(UnreadableLogs.class);
  private static final String PROBE = "probe";

  private final LongSupplier nanoTime;
  private final Map<GroupId, Long> since = new ConcurrentHashMap<>();

  UnreadableLogs(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** A log that was just found unreadable: whether that is damage by now. */
  boolean isDamage(GroupId group, Path directory) {
    long now = nanoTime.getAsLong();
    if (!takesWrites(directory)) {
      since.remove(group); // nothing can be said of a sector as long as nothing works
      return false;
    }
    Long first = since.putIfAbsent(group, now);
    return first != null && now - first >= PATIENCE.toNanos();
  }

  /** It could be read. */
  void forget(GroupId group) {
    since.remove(group);
  }

  private static boolean takesWrites(Path directory) {
    try {
      DurableFile.replace(directory, PROBE, new byte[] {1});
      Files.delete(directory.resolve(PROBE));
      return true;
    } catch (IOException e) {
      LOG.warn("{}: takes no writes either", directory, e);
      return false;
    }
  }
}
