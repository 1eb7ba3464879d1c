package org.ferrisdb.benchmarks.storage;

import java.util.List;

/** A data set that is raced on. */
enum Profile {
  /** Small values, all of it in the cache. */
  B100("100b", new Data(2_000_000, 100)),
  /** Values of a page or so. */
  K1("1k", new Data(500_000, 1 << 10)),
  /** Values larger than a block. */
  K16("16k", new Data(50_000, 16 << 10)),
  /** More than the cache holds. Takes long: choose workloads and repetitions. */
  M20("20m", new Data(20_000_000, 100));

  private final String id;
  private final Data data;

  Profile(String id, Data data) {
    this.id = id;
    this.data = data;
  }

  /** On the command line and in results. */
  String id() {
    return id;
  }

  Data data() {
    return data;
  }

  /** Those of the names. */
  static List<Profile> named(List<String> names) {
    return List.of(values()).stream().filter(p -> names.contains(p.id())).toList();
  }
}
