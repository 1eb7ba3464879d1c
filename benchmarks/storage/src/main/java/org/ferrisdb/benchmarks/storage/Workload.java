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
  /** Stores with 24 MiB of records each that are in the log and in no table yet, opened. */
  RECOVER("opening stores with 24 MiB in the log, per record"),
  /** Puts in random order, log not synced; what follows works on these records. */
  FILLRANDOM("puts in random order, log not synced"),
  /** Everything rewritten. */
  COMPACT("full compaction, per record"),
  /** Gets of keys that exist, with a block cache of an eighth of the data. */
  READRANDOM_LARGE("gets, cache an eighth of the data"),
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
  /** Puts of keys that exist, twice as many as there are. */
  OVERWRITE("puts of existing keys, log not synced"),
  /** The same once more: what it took per put is steady if it takes the same now. */
  OVERWRITE_STEADY("the same again: steady state"),
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

  /** Bytes of keys and values that so many operations give the store. */
  long userBytes(long operations, Data data) {
    return switch (this) {
      case APPLY,
          FILLSEQ,
          FILLSYNC_1,
          FILLSYNC_4,
          FILLSYNC_16,
          FILLSYNC_64,
          FILLRANDOM,
          OVERWRITE,
          OVERWRITE_STEADY ->
          operations * (Data.KEY_BYTES + data.valueBytes());
      case DELETERANDOM -> operations * Data.KEY_BYTES;
      default -> 0;
    };
  }

  static List<Workload> named(List<String> names) {
    return List.of(values()).stream().filter(w -> names.contains(w.id())).toList();
  }
}
