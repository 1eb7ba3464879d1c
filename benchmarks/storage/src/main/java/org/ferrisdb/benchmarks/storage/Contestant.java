package org.ferrisdb.benchmarks.storage;

import java.util.List;
import java.util.Locale;
import org.ferrisdb.storage.memtable.MemtableKind;

/** Who takes part. */
enum Contestant {
  /** The engine as it is shipped. */
  FERRIS("FerrisDB"),
  /** The engine with the other memtable. */
  FERRIS_SKIP_LIST("FerrisDB, skip list"),
  /** See {@link RocksStore}. */
  ROCKSDB("RocksDB"),
  /** See {@link LmdbStore}. */
  LMDB("LMDB");

  private final String title;

  Contestant(String title) {
    this.title = title;
  }

  /** On the command line and in results. */
  String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  String title() {
    return title;
  }

  Store open(Store.Place place) {
    return switch (this) {
      case FERRIS -> new FerrisStore(place, MemtableKind.TRIE);
      case FERRIS_SKIP_LIST -> new FerrisStore(place, MemtableKind.SKIP_LIST);
      case ROCKSDB -> new RocksStore(place);
      case LMDB -> new LmdbStore(place);
    };
  }

  /** Whether it can do it at all. */
  boolean does(Workload workload) {
    boolean logged = workload != Workload.APPLY && workload != Workload.RECOVER;
    return this != LMDB || (logged && workload != Workload.COMPACT);
  }

  /** Those of the names. */
  static List<Contestant> named(List<String> names) {
    return List.of(values()).stream().filter(c -> names.contains(c.id())).toList();
  }
}
