package org.ferrisdb.benchmarks.storage;

import java.util.List;

/** A data set that is raced on. */
enum Profile {
  /** Small values, all of it in the cache. */
  B100("100b", 2_000_000, 100),
  /** Values of a page or so. */
  K1("1k", 500_000, 1 << 10),
  /** Values larger than a block. */
  K16("16k", 50_000, 16 << 10),
  /** More than the cache holds. Takes long: choose workloads and repetitions. */
  M20("20m", 20_000_000, 100);

  private final String id;
  private final int records;
  private final int valueBytes;

  Profile(String id, int records, int valueBytes) {
    this.id = id;
    this.records = records;
    this.valueBytes = valueBytes;
  }

  /** On the command line and in results. */
  String id() {
    return id;
  }

  Data data() {
    return new Data(records, valueBytes);
  }

  /** Those of the names. */
  static List<Profile> named(List<String> names) {
    return List.of(values()).stream().filter(p -> names.contains(p.id())).toList();
  }
}
