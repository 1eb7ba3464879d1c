package org.ferrisdb.node.cli.load;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.ferrisdb.node.cli.CliException;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.node.cli.transfer.Printable;
import org.ferrisdb.node.health.ClusterPicture;
import org.ferrisdb.node.health.ClusterPicture.Shard;
import org.ferrisdb.node.local.LocalCluster;

/** One kill after the other, measured. For one thread. */
final class GapRounds {
  /** A second outage soon after the first counts, too: leaderships are balanced in this time. */
  private static final Duration AFTERMATH = Duration.ofSeconds(5);

  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final Duration SPREAD = Duration.ofSeconds(30);
  private static final Duration MOVES = Duration.ofSeconds(8);
  private static final Duration BEFORE = Duration.ofSeconds(3);
  private static final Duration AFTER = Duration.ofSeconds(15);
  private static final byte[] VALUE = new byte[100];

  private final TemporaryCluster temporary;
  private final LocalCluster cluster;
  private final GapFault fault;
  private final int clients;
  private final boolean meta;
  private final AtomicLong failures = new AtomicLong();

  GapRounds(TemporaryCluster temporary, GapFault fault, int clients, boolean meta) {
    this.temporary = temporary;
    this.cluster = temporary.cluster();
    this.fault = fault;
    this.clients = clients;
    this.meta = meta;
  }

  /**
   * A round.
   *
   * @param shard which shard was written to
   * @param fault what was done to its leader
   * @param node who led it
   * @param ledMeta whether that node led meta, too
   * @param firstWrite from the fault to the first acknowledgement of a put sent after it
   * @param gap longest gap of one client
   * @param failedCalls puts that failed
   * @param resumed whether every client got answers again
   */
  record Round(
      String shard,
      GapFault fault,
      String node,
      boolean ledMeta,
      Duration firstWrite,
      Duration gap,
      long failedCalls,
      boolean resumed) {
    String words() {
      return fault.done()
          + " "
          + node
          + " (leads "
          + shard
          + (ledMeta ? " and meta" : "")
          + "): first new write "
          + firstWrite.toMillis()
          + " ms, longest gap of one client "
          + gap.toMillis()
          + " ms, failed calls "
          + failedCalls
          + (resumed ? "" : ", NOT RESUMED");
    }
  }

  Round run() throws InterruptedException {
    ClusterPicture picture = cluster.picture();
    // Leaderships are spread some seconds after a start; until then one node may lead everything.
    long patience = System.nanoTime() + SPREAD.toNanos();
    while (victim(picture, meta).isEmpty() && System.nanoTime() < patience) {
      LockSupport.parkNanos(200_000_000);
      picture = cluster.picture();
    }
    Shard shard =
        victim(picture, meta)
            .orElseThrow(() ->
                new CliException(
                    ExitCode.NO,
                    "no shard is led by a node that "
                        + (meta ? "leads" : "does not lead")
                        + " meta",
                    "run it again, or with more shards"));
    failures.set(0);
    ServiceMeter meter = new ServiceMeter(clients, System.nanoTime());
    try (Store store = FerrisStore.open(cluster.url(), DEADLINE, "gap")) {
      LoadThreads threads = new LoadThreads();
      for (int i = 0; i < clients; i++) {
        int id = i;
        AtomicLong number = new AtomicLong();
        threads.start(
            "gap-client-" + id,
            () -> put(store, meter, id, keyIn(shard, id + "/" + number.incrementAndGet() % 1000)));
      }
      Thread.sleep(BEFORE);
      return strikeAndMeasure(shard, meter, threads);
    }
  }

  private Round strikeAndMeasure(Shard shard, ServiceMeter meter, LoadThreads threads)
      throws InterruptedException {
    // Leaders may have moved while clients warmed up: the one of now is the victim. They move
    // back, too, so the kind of victim that was asked for is waited for a while.
    ClusterPicture picture = cluster.picture();
    long patience = System.nanoTime() + MOVES.toNanos();
    while (!isVictim(picture, shard) && System.nanoTime() < patience) {
      LockSupport.parkNanos(200_000_000);
      picture = cluster.picture();
    }
    String node =
        leader(picture, shard)
            .orElseThrow(
                () -> new CliException(ExitCode.NO, shard.name() + " lost its leader", "again"));
    boolean ledMeta = Leaders.meta(picture).filter(node::equals).isPresent();
    meter.fault(System.nanoTime());
    fault.strike(temporary, node);
    long deadline = System.nanoTime() + AFTER.toNanos();
    while (!meter.allResumed() && System.nanoTime() < deadline) {
      LockSupport.parkNanos(10_000_000);
    }
    Thread.sleep(AFTERMATH);
    Duration gap = meter.longestGap(System.nanoTime());
    boolean resumed = meter.allResumed();
    threads.stop(DEADLINE);
    fault.heal(temporary, node);
    cluster.awaitHealthy(Duration.ofSeconds(60));
    return new Round(
        shard.name(),
        fault,
        node,
        ledMeta,
        meter.firstAckAfterFault(),
        gap,
        failures.get(),
        resumed);
  }

  private boolean isVictim(ClusterPicture picture, Shard shard) {
    Optional<String> leader = leader(picture, shard);
    return leader.isPresent() && leader.equals(Leaders.meta(picture)) == meta;
  }

  private static Optional<String> leader(ClusterPicture picture, Shard shard) {
    return picture.shards().stream()
        .filter(s -> s.id() == shard.id())
        .findAny()
        .flatMap(Shard::leader);
  }

  private void put(Store store, ServiceMeter meter, int client, byte[] key) {
    long sent = System.nanoTime();
    try {
      store.put(key, VALUE);
      meter.acknowledged(client, sent, System.nanoTime());
    } catch (StoreException e) {
      failures.incrementAndGet();
    }
  }

  /** A shard whose leader leads meta, too, or one whose leader does not. */
  static Optional<Shard> victim(ClusterPicture picture, boolean meta) {
    Optional<String> metaLeader = Leaders.meta(picture);
    return picture.shards().stream()
        .filter(s -> s.id() != 0 && s.leader().isPresent())
        .filter(s -> s.leader().equals(metaLeader) == meta)
        .findFirst();
  }

  /** A key inside the shard's range: its first key, or a zero byte, and a suffix. */
  static byte[] keyIn(Shard shard, String suffix) {
    byte[] start = shard.start().isEmpty() ? new byte[1] : Printable.parse(shard.start());
    byte[] tail = ("gap/" + suffix).getBytes(StandardCharsets.UTF_8);
    byte[] key = Arrays.copyOf(start, start.length + tail.length);
    System.arraycopy(tail, 0, key, start.length, tail.length);
    byte[] end = Printable.parse(shard.end());
    if (end.length > 0 && Arrays.compareUnsigned(key, end) >= 0) {
      throw new CliException(
          ExitCode.NO, shard.name() + " is too narrow for the keys of this test", "");
    }
    return key;
  }
}
