package org.ferrisdb.benchmarks.storage;

import java.util.List;
import java.util.Locale;

/**
 * What is measured, in the order in which it is done; the names are db_bench's where it has any.
 */
enum Workload {
  /** Puts in random order, without a log: as under a replicated one. */
  APPLY("puts in random order, no log"),
  /** Puts in ascending order, log not synced. */
  FILLSEQ("puts in ascending order, log not synced"),
  /** Durable puts of one thread. */
  FILLSYNC_1("synced puts, 1 thread"),
  /** Durable puts of 4 threads. */
  FILLSYNC_4("synced puts, 4 threads"),
  /** Durable puts of 16 threads. */
  FILLSYNC_16("synced puts, 16 threads"),
  /** Durable puts of 64 threads. */
  FILLSYNC_64("synced puts, 64 threads"),
  /** A log of 24 MiB of records that are in no table yet, opened. */
  RECOVER("opening with 24 MiB in the log"),
  /** Puts in random order, log not synced; what follows works on these records. */
  FILLRANDOM("puts in random order, log not synced"),
  /** Everything rewritten. */
  COMPACT("full compaction"),
  /** Gets of keys that exist; all is in the cache. */
  READRANDOM("gets, cached"),
  /** Gets of keys that do not. */
  READMISSING("gets of keys that are not there"),
  /** Seeks, and ten entries read. */
  SEEK_10("seek, and 10 entries"),
  /** Seeks, and a hundred entries read. */
  SEEK_100("seek, and 100 entries"),
  /** The same backward. */
  SEEK_100_REVERSE("seek, and 100 entries backward"),
  /** All entries in order; an operation is an entry. */
  READSEQ("full scan, per entry"),
  /** Gets, while another thread puts 20,000 a second. */
  READWHILEWRITING("gets while 20,000/s are put"),
  /** Puts of keys that exist, until compaction keeps up or writes wait. */
  OVERWRITE("puts of existing keys, log not synced"),
  /** Deletes in random order. */
  DELETERANDOM("deletes in random order, log not synced");

  private final String title;

  Workload(String title) {
    this.title = title;
  }

  /** On the command line and in results. */
  String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  String title() {
    return title;
  }

  static List<Workload> named(List<String> names) {
    return List.of(values()).stream().filter(w -> names.contains(w.id())).toList();
  }
}
