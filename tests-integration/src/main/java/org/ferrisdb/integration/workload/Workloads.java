package org.ferrisdb.integration.workload;

import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Every kind of workload, by name. */
public final class Workloads {
  private Workloads() {}

  /**
   * New objects for one run, one of each kind, in the order of tables.
   *
   * @param keys where their keys lie
   * @param seed chooses the shard or border of those that have one place
   */
  public static List<Workload> all(KeySpace keys, long seed) {
    return all(keys, seed, Transactions.ofClient());
  }

  static List<Workload> all(KeySpace keys, long seed, Optional<Transactions> transactions) {
    Random places = new Random(seed);
    int bankShard = places.nextInt(keys.shards());
    int border = places.nextInt(keys.shards());
    return List.of(
        new RegisterWorkload(keys),
        new SetWorkload(keys),
        new CounterWorkload(keys),
        new BankWorkload(keys, bankShard),
        new ScanWorkload(keys, border),
        new SnapshotWorkload(keys),
        new AppendWorkload(keys, transactions),
        new ShardsBankWorkload(keys, transactions),
        new LongForkWorkload(keys, transactions),
        new WriteSkewWorkload(keys, transactions));
  }

  /** Their names. */
  public static List<String> names() {
    return all(new KeySpace(List.of(org.ferrisdb.client.Bytes.empty()), "names"), 0).stream()
        .map(Workload::name)
        .toList();
  }
}
