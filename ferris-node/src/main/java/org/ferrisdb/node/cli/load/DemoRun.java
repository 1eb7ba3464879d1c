package org.ferrisdb.node.cli.load;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.ferrisdb.node.cli.CliException;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.node.cli.demo.DemoControl;
import org.ferrisdb.node.cli.demo.DemoState;
import org.ferrisdb.node.cli.demo.DemoState.Condition;
import org.ferrisdb.node.cli.demo.DemoState.Event;
import org.ferrisdb.node.cli.demo.DemoState.Phase;
import org.ferrisdb.node.cli.demo.DemoState.Tone;
import org.ferrisdb.node.health.ClusterPicture;
import org.ferrisdb.node.health.Health;
import org.ferrisdb.node.health.Health.State;
import org.ferrisdb.node.local.LocalCluster;
import org.ferrisdb.node.local.LocalClusterException;
import org.ferrisdb.node.local.NodeProcess;
import org.ferrisdb.node.local.network.NodeNetwork;
import org.jspecify.annotations.Nullable;

/**
 * A demo whose course the user decides: a cluster, its network, the checked workload, and what is
 * done to them. Thread-safe. Its threads:
 *
 * <ul>
 *   <li>the course: start, wait for the end, heal, check, verdict;
 *   <li>actions: what keys ask for, one after the other (to kill a process takes a while);
 *   <li>the observer: ten times a second it looks what is new.
 * </ul>
 */
final class DemoRun implements DemoControl, AutoCloseable {
  private static final Duration START = Duration.ofSeconds(90);
  private static final Duration HEAL = Duration.ofSeconds(60);

  /** Every call that began before the end has ended by then, and one more has been made. */
  private static final Duration RESUME = CheckedWorkload.DEADLINE.plusSeconds(5);

  private static final Duration FIRST_LOOK = Duration.ofSeconds(5);
  private static final Duration RESTART_AFTER = Duration.ofSeconds(10);
  private static final Duration TICK = Duration.ofMillis(100);

  /** Elections that follow from the same fault are told together. */
  private static final Duration SETTLED = Duration.ofMillis(300);

  private static final Duration UNSETTLED = Duration.ofMillis(1_500);
  private static final int MAX_EVENTS = 100;

  private final LocalCluster cluster;
  private final NodeNetwork network;
  private final int clientCount;
  private final NodeBoard board;
  private final MinuteSamples samples = new MinuteSamples();
  private final Deque<Event> events = new ArrayDeque<>();
  private final CountDownLatch quit = new CountDownLatch(1);
  private final CompletableFuture<DemoResult> result = new CompletableFuture<>();
  private final ExecutorService actions =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("demo-actions").factory());
  private final ScheduledExecutorService observer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("demo-observer").factory());
  private final AtomicInteger kills = new AtomicInteger();
  private final AtomicInteger pauses = new AtomicInteger();
  private final AtomicInteger cuts = new AtomicInteger();

  private volatile Phase phase = Phase.STARTING;
  private volatile long begin;
  private volatile @Nullable CheckedWorkload load;
  private volatile @Nullable LeaderWatch watch;
  private volatile @Nullable Health lastHealth;

  /** By group (data shards first, meta last) the node that leads it, or empty. */
  private volatile Map<String, String> leaders = Map.of();

  private volatile Outage outage = Outage.NONE;

  // Of the course until the workload begins, then of the observer alone:
  private final Map<String, String> lastLeaders = new LinkedHashMap<>();
  private long movedSince;
  private long nextSecond;

  /** How far the cluster is with what was broken last. */
  private enum Outage {
    NONE,
    /** Some group is led by nobody, or by a node that something is the matter with. */
    LEADERLESS,
    /** All are led, but not yet did every client get an answer since then. */
    ASKING
  }

  /** Makes one; {@link #start} starts it. */
  DemoRun(LocalCluster cluster, NodeNetwork network, int clients) {
    this.cluster = cluster;
    this.network = network;
    this.clientCount = clients;
    this.board =
        new NodeBoard(
            cluster.nodes().stream().map(NodeProcess::name).toList(),
            RESTART_AFTER,
            System::nanoTime);
  }

  /** Starts the course. */
  void start() {
    begin = System.nanoTime();
    Thread.ofPlatform()
        .daemon()
        .name("demo-course")
        .start(() -> {
          try {
            result.complete(course());
          } catch (InterruptedException | RuntimeException | Error e) {
            result.completeExceptionally(e);
          }
        });
  }

  private DemoResult course() throws InterruptedException {
    cluster.startAll();
    Health health = cluster.awaitHealthy(START);
    if (health.state() != State.HEALTHY) {
      throw new CliException(
          ExitCode.NO, "the cluster did not start: " + health.sentence(), health.remedy());
    }
    try (Store store = FerrisStore.open(cluster.url(), CheckedWorkload.DEADLINE, "demo");
        LeaderWatch newWatch = new LeaderWatch(cluster)) {
      firstLook(newWatch);
      CheckedWorkload workload = new CheckedWorkload(store, clientCount);
      begin = System.nanoTime();
      nextSecond = begin + 1_000_000_000;
      load = workload;
      watch = newWatch;
      event(
          Tone.PLAIN,
          "from elsewhere: ./ferris status --url ferris://" + cluster.clientAddresses().getFirst());
      var _ =
          observer.scheduleAtFixedRate(
              () -> observe(workload, newWatch), 0, TICK.toMillis(), TimeUnit.MILLISECONDS);
      phase = Phase.RUNNING;
      quit.await();
      return end(workload);
    }
  }

  /** Healthy as the cluster is, the screen should not begin with shards that nobody knows yet. */
  private void firstLook(LeaderWatch looking) {
    long deadline = System.nanoTime() + FIRST_LOOK.toNanos();
    while (!isComplete(looking.picture()) && System.nanoTime() < deadline) {
      LockSupport.parkNanos(20_000_000);
    }
    cluster.nodes().forEach(n -> board.set(n.name(), Condition.UP));
    leaders(looking.picture());
  }

  private boolean isComplete(ClusterPicture picture) {
    return picture.shards().size() > cluster.spec().shards() // meta is one more
        && picture.shards().stream().allMatch(s -> s.leader().isPresent());
  }

  private DemoResult end(CheckedWorkload workload) throws InterruptedException {
    phase = Phase.HEALING;
    try {
      actions.submit(this::healAll).get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
    }
    lastHealth = cluster.awaitHealthy(HEAL);
    ServiceMeter meter = workload.meter();
    meter.askAgain(System.nanoTime());
    long deadline = System.nanoTime() + RESUME.toNanos();
    while (!meter.allResumed() && System.nanoTime() < deadline) {
      LockSupport.parkNanos(20_000_000);
    }
    boolean resumed = meter.allResumed();
    Duration gap = meter.longestGapEver(System.nanoTime());
    if (!workload.stop()) {
      throw new CliException(ExitCode.NO, "a client hangs past its deadline", "that is a bug");
    }
    phase = Phase.CHECKING;
    WorkloadCheck.Findings findings = workload.check();
    return new DemoResult(
        workload.acknowledged(),
        workload.failedCalls(),
        findings,
        "",
        "; " + faults(),
        Duration.ZERO,
        gap,
        resumed);
  }

  private String faults() {
    List<String> words = new ArrayList<>();
    count(words, kills.get(), "kill");
    count(words, pauses.get(), "pause");
    count(words, cuts.get(), "cut");
    return words.isEmpty() ? "nothing was broken" : String.join(", ", words);
  }

  private static void count(List<String> words, int n, String what) {
    if (n > 0) {
      words.add(n + " " + what + (n == 1 ? "" : "s"));
    }
  }

  @Override
  public boolean ended() {
    return result.isDone();
  }

  /** The verdict, waited for; throws what the demo failed with. */
  DemoResult result() {
    try {
      return result.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /** How the cluster did at the end, after all was healed. */
  Optional<Health> lastHealth() {
    return Optional.ofNullable(lastHealth);
  }

  @Override
  public DemoState state() {
    CheckedWorkload workload = load;
    Duration gap =
        workload == null ? Duration.ZERO : workload.meter().longestGapEver(System.nanoTime());
    List<DemoState.Shard> shards = new ArrayList<>();
    leaders.forEach((name, leader) -> shards.add(new DemoState.Shard(name, leader)));
    return new DemoState(
        phase,
        elapsed(),
        clientCount,
        workload == null ? 0 : workload.acknowledged(),
        samples.seconds(),
        samples.latency(),
        gap,
        board.rows(),
        shards,
        events());
  }

  private Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  private List<Event> events() {
    synchronized (events) {
      return List.copyOf(events);
    }
  }

  private void event(Tone tone, String text) {
    synchronized (events) {
      if (events.size() == MAX_EVENTS) {
        events.removeFirst();
      }
      events.addLast(new Event(elapsed(), tone, text));
    }
  }

  // ---- what keys do

  @Override
  public void quit() {
    quit.countDown();
  }

  @Override
  public void kill() {
    breakLeader(
        'k',
        kills,
        (node, led) -> {
          board.set(node, Condition.KILLED);
          cluster.kill(node);
          event(Tone.BAD, "killed " + node + " (kill -9), the leader of " + led);
        });
  }

  @Override
  public void pause() {
    breakLeader(
        'p',
        pauses,
        (node, led) -> {
          board.set(node, Condition.PAUSED);
          cluster.pause(node);
          event(Tone.BAD, "paused " + node + " (SIGSTOP), the leader of " + led);
        });
  }

  @Override
  public void cut() {
    breakLeader(
        'c',
        cuts,
        (node, led) -> {
          board.set(node, Condition.CUT_OFF);
          network.cut(node);
          event(Tone.BAD, "cut " + node + " off from its peers, the leader of " + led);
          event(Tone.PLAIN, "clients still reach " + node + "; it must not answer with old data");
        });
  }

  @Override
  public void heal() {
    act(this::healAll);
  }

  @FunctionalInterface
  private interface Fault {
    void on(String node, String led);
  }

  private void breakLeader(char key, AtomicInteger count, Fault fault) {
    act(() -> {
      CheckedWorkload workload = load;
      LeaderWatch looking = watch;
      if (phase != Phase.RUNNING || workload == null || looking == null) {
        return;
      }
      Optional<String> victim = Leaders.busiest(onlyUp(looking.picture()));
      if (victim.isEmpty()) {
        event(Tone.PLAIN, "no node leads a shard just now: try again in a second");
        return;
      }
      String node = victim.get();
      List<String> led =
          leaders.entrySet().stream()
              .filter(e -> e.getValue().equals(node))
              .map(Map.Entry::getKey)
              .toList();
      samples.mark(key);
      count.incrementAndGet();
      workload.meter().fault(System.nanoTime());
      fault.on(node, LeaderChanges.list(led));
      outage = Outage.LEADERLESS;
      if (!board.in(Condition.CUT_OFF).contains(node)) {
        looking.forget(node);
      }
    });
  }

  /** Nothing is broken twice: only nodes that nothing is the matter with. */
  private ClusterPicture onlyUp(ClusterPicture picture) {
    List<String> up = board.in(Condition.UP);
    return new ClusterPicture(
        picture.clusterId(),
        picture.mapVersion(),
        picture.nodes().stream().filter(n -> up.contains(n.name())).toList(),
        picture.shards());
  }

  private void healAll() {
    List<String> healed = new ArrayList<>();
    for (String node : board.in(Condition.PAUSED)) {
      cluster.resume(node);
      board.set(node, Condition.UP);
      healed.add(node + " goes on");
    }
    List<String> cutOff = board.in(Condition.CUT_OFF);
    network.heal();
    for (String node : cutOff) {
      board.set(node, Condition.UP);
      healed.add(node + " is back on the network");
    }
    for (String node : board.in(Condition.KILLED)) {
      restart(node);
      healed.add(node + " starts again");
    }
    if (!healed.isEmpty()) {
      samples.mark('h');
      event(Tone.GOOD, "healed: " + String.join(", ", healed));
    } else if (phase == Phase.RUNNING) {
      event(Tone.PLAIN, "nothing is broken");
    }
  }

  private void restart(String node) {
    board.set(node, Condition.STARTING);
    cluster.start(node);
  }

  private void act(Runnable action) {
    try {
      actions.execute(() -> {
        try {
          action.run();
        } catch (LocalClusterException e) {
          event(Tone.BAD, e.getMessage() + ": " + e.hint());
        } catch (RuntimeException e) {
          result.completeExceptionally(e); // the demo ends, and the command line says why
        }
      });
    } catch (RejectedExecutionException e) {
      // closed: nothing is to be done any more
    }
  }

  // ---- what is new

  private void observe(CheckedWorkload workload, LeaderWatch looking) {
    try {
      if (phase == Phase.RUNNING) {
        for (String node : board.due()) {
          board.set(node, Condition.STARTING); // now, so that it is not due once more
          act(() -> {
            event(Tone.PLAIN, node + " is started again");
            cluster.start(node);
          });
        }
      }
      arrivals(looking);
      leaders(looking.picture());
      resumption(workload.meter());
      if (phase != Phase.CHECKING && System.nanoTime() - nextSecond >= 0) {
        nextSecond += 1_000_000_000;
        samples.second(workload.acknowledged(), workload.meter().takeLatencies());
      }
    } catch (RuntimeException e) {
      result.completeExceptionally(e); // a fault of ours must not end in a still picture
    }
  }

  private void arrivals(LeaderWatch looking) {
    for (String node : board.in(Condition.STARTING)) {
      if (looking.answers(node)) {
        board.set(node, Condition.UP);
        event(Tone.GOOD, node + " is up again and catches up");
      }
    }
  }

  /**
   * First every group needs a leader of whom nothing is wrong; clients write to all of them, and an
   * answer from one that was never out of service would tell nothing.
   */
  private void resumption(ServiceMeter meter) {
    long now = System.nanoTime();
    if (outage == Outage.LEADERLESS && allLed()) {
      meter.askAgain(now);
      outage = Outage.ASKING;
    } else if (outage == Outage.ASKING && meter.allResumed()) {
      outage = Outage.NONE;
      event(
          Tone.GOOD,
          "every client writes again; the longest wait was "
              + meter.longestGap(now).toMillis()
              + " ms");
    }
  }

  private boolean allLed() {
    List<String> up = board.in(Condition.UP);
    return leaders.values().stream().allMatch(up::contains);
  }

  private void leaders(ClusterPicture picture) {
    Map<String, String> now = new LinkedHashMap<>();
    leaders.keySet().forEach(name -> now.put(name, "")); // even if nobody tells of it just now
    picture.shards().stream()
        .filter(s -> s.id() != 0)
        .forEach(s -> now.put(s.name(), s.leader().orElse("")));
    now.remove(DemoState.META);
    now.put(DemoState.META, Leaders.meta(picture).orElse(""));
    leaders = Collections.unmodifiableMap(now);
    if (lastLeaders.isEmpty()) {
      remember(now);
      return;
    }
    List<String> moves = LeaderChanges.between(lastLeaders, now);
    if (moves.isEmpty()) {
      movedSince = 0;
    } else if (movedSince == 0) {
      movedSince = System.nanoTime();
    } else if (System.nanoTime() - movedSince > (allLed() ? SETTLED : UNSETTLED).toNanos()) {
      moves.forEach(words -> event(Tone.PLAIN, words));
      remember(now);
      movedSince = 0;
    }
  }

  private void remember(Map<String, String> now) {
    now.forEach((shard, leader) -> {
      if (!leader.isEmpty()) {
        lastLeaders.put(shard, leader);
      }
    });
  }

  /** Ends its threads; waits for an action under way. */
  @Override
  public void close() {
    observer.shutdown();
    actions.shutdown();
    try {
      if (!actions.awaitTermination(HEAL.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException("an action of the demo hangs");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
