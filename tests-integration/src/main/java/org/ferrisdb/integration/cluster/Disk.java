package org.ferrisdb.integration.cluster;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The disk of one node, that is its data directory, and how it fails. */
public interface Disk {
  /** What becomes of a file. */
  enum Damage {
    /** One bit is another. */
    FLIPPED_BIT,
    /** Its end is missing. */
    TRUNCATED
  }

  /** Kinds of files that matter. */
  enum FileKind {
    /** A sorted table of a shard's engine. */
    SSTABLE,
    /** A segment of a Raft log. */
    RAFT_LOG,
    /** What tells which tables an engine has. */
    MANIFEST
  }

  /** Removes all of it; the node must not run, and is a new one under its old name afterwards. */
  void wipe();

  /** Leaves next to nothing free. */
  void fill();

  /** Makes room again. */
  void free();

  /** Lets every fsync take that long, from now on; also of a node that runs. */
  void slow(Duration delay);

  /** Lets every fsync fail with EIO, from now on; also of a node that runs. */
  void failSyncs();

  /** How often an fsync failed or was delayed since {@link #slow} or {@link #failSyncs}. */
  long faultySyncs();

  /** Whether it is full, slow or fails now. */
  boolean isImpaired();

  /** Ends {@link #slow}, {@link #failSyncs} and {@link #fill}. */
  void heal();

  /**
   * What a power cut does to it: what no fsync had made durable is lost, all or some of it, content
   * and names of files. The node must not run: it was killed, or else it had synced all in peace.
   *
   * @param random how much of it
   * @return what was lost: how many files had other content, how many names were changed
   */
  Map<String, Long> loseUnsynced(Random random);

  /**
   * Damages files; the node must not run.
   *
   * @param kinds among which to choose
   * @return what was done to which file, one line each; empty if there is no such file
   */
  List<String> damage(Damage damage, List<FileKind> kinds, Random random);
}
