package org.ferrisdb.integration.torture;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.ferrisdb.client.ClusterInfo;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.client.FerrisException;
import org.ferrisdb.client.FerrisOptions;
import org.ferrisdb.integration.check.AvailabilityChecker;
import org.ferrisdb.integration.check.Verdict;
import org.ferrisdb.integration.check.Violation;
import org.ferrisdb.integration.cluster.Cluster;
import org.ferrisdb.integration.cluster.ReplicaAgreement;
import org.ferrisdb.integration.history.Event;
import org.ferrisdb.integration.history.History;
import org.ferrisdb.integration.nemesis.Nemesis;
import org.ferrisdb.integration.workload.Generator;
import org.ferrisdb.integration.workload.KeySpace;
import org.ferrisdb.integration.workload.Newcomer;
import org.ferrisdb.integration.workload.Workload;
import org.ferrisdb.integration.workload.Workloads;

/** One cell on a healthy cluster, from the first operation to the verdicts. For one use. */
final class CellRun {
  /** Of every call under load. */
  static final Duration DEADLINE = Duration.ofSeconds(2);

  /** For a cluster to be whole again after its last fault; a lost disk has to be filled again. */
  static final Duration RECOVERY = Duration.ofSeconds(90);

  /** For the final reads through one node, of each workload. */
  private static final Duration FINAL_READS = Duration.ofSeconds(20);

  /** For replicas of a healthy cluster to get to the same index. */
  private static final Duration AGREEMENT = Duration.ofSeconds(30);

  /**
   * Nobody is served, or nobody of one shard, though a majority is up and connected: longer is a
   * bug, and not only a busy machine. The goal is 1 s after a kill and 2 s after other faults; a
   * node that has just been started counts as up before it can vote.
   */
  private static final Duration LONGEST_GAP = Duration.ofSeconds(15);

  /** The same after a fault has ended, which may have killed everybody. */
  private static final Duration LONGEST_RETURN = Duration.ofSeconds(30);

  private static final Duration SET_UP = Duration.ofSeconds(30);

  /** For a client that comes anew, to find out that its entrance is closed. */
  private static final Duration ENTRANCE = Duration.ofSeconds(1);

  /** What the phases hand on. */
  private record Ran(Judgement.Load load, int strikes, long recoveryMillis) {}

  private final Cell cell;
  private final TortureSettings settings;
  private final Cluster cluster;
  private final CellFiles files;
  private final LongSupplier nanoTime;
  private final History history;
  private final long historyStart;
  private final List<Generator> generators = new ArrayList<>();
  private final List<Ferris> connections = new ArrayList<>();
  private final List<Newcomer> newcomers = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private String longestGap = "not measured";

  CellRun(
      Cell cell,
      TortureSettings settings,
      Cluster cluster,
      CellFiles files,
      LongSupplier nanoTime) {
    this.cell = cell;
    this.settings = settings;
    this.cluster = cluster;
    this.files = files;
    this.nanoTime = nanoTime;
    this.historyStart = nanoTime.getAsLong();
    this.history = new History(nanoTime);
  }

  /**
   * Runs it, writes its files, and leaves a cluster without a fault behind.
   *
   * @param nemesis empty for the column without a fault
   */
  CellResult run(Optional<Nemesis> nemesis) throws IOException, InterruptedException {
    Ran ran;
    try {
      setUp();
      ran = load(nemesis);
      if (ran.recoveryMillis() >= 0) { // else what there is to say has been said
        finalReads();
      }
    } catch (FerrisException e) {
      problems.add("the cluster, healthy before, refused: " + e.getMessage());
      ran = new Ran(new Judgement.Load(0, 0), 0, -1);
    } finally {
      newcomers.forEach(Newcomer::close);
      connections.forEach(Ferris::close);
    }
    if (ran.recoveryMillis() >= 0) {
      ReplicaAgreement.await(cluster, AGREEMENT)
          .violations()
          .forEach(v -> problems.add("replicas do not agree: " + v));
    }
    generators.forEach(g -> problems.addAll(g.faults()));
    CellResult result = judge(ran);
    if (!result.right()) {
      cluster.collectLogs(files.logs());
    }
    files.verdict(result, settings, longestGap);
    return result;
  }

  private void setUp() {
    for (int i = 0; i < settings.clients(); i++) {
      FerrisOptions options = FerrisOptions.defaults().withName("torture-" + i);
      connections.add(Ferris.connect(cluster.url(), options));
    }
    Ferris patient = connections.getFirst().withDeadline(SET_UP);
    KeySpace keys = KeySpace.of(shards(patient), cell.name());
    List<Workload> chosen =
        Workloads.all(keys, cell.seedOf("places")).stream()
            .filter(w -> settings.workloads().contains(w.name()))
            .filter(w -> w.unsupported().isEmpty())
            .toList();
    for (Workload workload : chosen) {
      workload.setUp(patient);
      Generator.Settings work =
          new Generator.Settings(
              (double) settings.perSecond() / chosen.size(),
              settings.clients(),
              Duration.ofSeconds(settings.seconds()),
              DEADLINE,
              cell.seedOf(workload.name()));
      generators.add(new Generator(workload, work, history, nanoTime));
    }
  }

  /**
   * Half of the clients have been there from the beginning, each with a connection of its own, for
   * each has ideas of its own of who leads: old ones are where stale reads are. The others come
   * anew all the time.
   */
  private Supplier<Ferris> connection(String workload, int client) {
    if (client % 2 == 0) {
      Ferris lasting = connections.get(client).withDeadline(DEADLINE);
      return () -> lasting;
    }
    Random random = cell.random("newcomer-" + workload + "-" + client);
    Newcomer newcomer = new Newcomer(() -> connectAnywhere(random), random, nanoTime);
    newcomers.add(newcomer);
    return newcomer;
  }

  private Ferris connectAnywhere(Random random) {
    String node = cluster.nodes().get(random.nextInt(cluster.nodes().size()));
    FerrisOptions options =
        FerrisOptions.defaults().withName("newcomer").withConnectTimeout(ENTRANCE);
    return Ferris.connect(cluster.url(node), options);
  }

  /**
   * The shards. A node that has just started may tell of none yet, though the cluster as a whole is
   * healthy; it is asked again.
   */
  private ClusterInfo shards(Ferris ferris) {
    long last = now() + SET_UP.toNanos();
    ClusterInfo info = ferris.clusterInfo();
    while (info.shards().isEmpty() && now() < last) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
      info = ferris.clusterInfo();
    }
    return info;
  }

  private Ran load(Optional<Nemesis> nemesis) throws InterruptedException {
    Optional<Strikes> strikes =
        nemesis.map(n -> new Strikes(cluster, n, cell, settings.seconds(), history, nanoTime));
    long from = nanoTime.getAsLong() - historyStart;
    generators.forEach(g -> g.start(client -> connection(g.workload().name(), client)));
    strikes.ifPresent(Strikes::start);
    for (Generator generator : generators) {
      generator.join();
    }
    long to = Math.min(from + TimeUnit.SECONDS.toNanos(settings.seconds()), now());
    if (strikes.isPresent()) {
      strikes.get().end();
      problems.addAll(strikes.get().problems());
    }
    return new Ran(new Judgement.Load(from, to), strikes.map(Strikes::count).orElse(0), recover());
  }

  private long now() {
    return nanoTime.getAsLong() - historyStart;
  }

  /** Milliseconds until the cluster is healthy; -1 if it does not get so. */
  private long recover() {
    long began = now();
    try {
      cluster.awaitHealthy(RECOVERY);
      return (now() - began) / 1_000_000;
    } catch (AssertionError e) {
      problems.add(
          "not healthy "
              + RECOVERY.toSeconds()
              + " s after healing: "
              + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
      return -1;
    }
  }

  private void finalReads() {
    for (String node : cluster.nodes()) {
      try (Ferris ferris = Ferris.connect(cluster.url(node))) {
        for (Generator generator : generators) {
          problems.addAll(generator.finalReads(ferris, node, FINAL_READS));
        }
      } catch (FerrisException e) {
        problems.add("no final read through " + node + ": " + e.getMessage());
      }
    }
  }

  private CellResult judge(Ran ran) throws IOException {
    List<Event> events = history.events();
    List<WorkloadResult> results = new ArrayList<>();
    List<Violation> violations = new ArrayList<>();
    for (Generator generator : generators) {
      String name = generator.workload().name();
      List<Event> own = Judgement.of(events, generator.processes());
      files.workload(name, own);
      Judgement judgement = Judgement.of(name, own, generator.workload().checker(), ran.load());
      results.add(judgement.result());
      violations.addAll(judgement.violations());
    }
    AvailabilityChecker availability =
        new AvailabilityChecker(cluster.nodes(), LONGEST_GAP, LONGEST_RETURN, shards());
    if (availability.check(events) instanceof Verdict.Wrong wrong) {
      wrong.violations().forEach(v -> problems.add(v.toString()));
      violations.addAll(wrong.violations());
    }
    AvailabilityChecker.Report served = availability.measure(events);
    longestGap = served.longestGapInWords();
    files.history(events, violations);
    return new CellResult(
        cell.fault(),
        cell.seed(),
        "",
        results,
        ran.strikes(),
        ran.recoveryMillis(),
        served.longestGapAnywhere().length().toMillis(),
        served.longestRecoveryAnywhere().length().toMillis(),
        problems);
  }

  /** Which shard a call needs, as its workload knows it. Once all generators have ended. */
  private Function<Event, Optional<String>> shards() {
    Map<String, Workload> workloads = new HashMap<>();
    for (Generator generator : generators) {
      generator.processes().forEach(p -> workloads.put(p, generator.workload()));
    }
    return invoke ->
        Optional.ofNullable(workloads.get(invoke.process())).flatMap(w -> w.shardOf(invoke));
  }
}
