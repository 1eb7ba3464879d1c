package org.ferrisdb.integration.nemesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ferrisdb.client.Bytes.utf8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.DiskFullException;
import org.ferrisdb.client.Entry;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.client.FerrisException;
import org.ferrisdb.client.FerrisOptions;
import org.ferrisdb.integration.cluster.Network.Direction;
import org.ferrisdb.integration.cluster.ProcessCluster;
import org.ferrisdb.integration.cluster.ReplicaAgreement;
import org.ferrisdb.integration.history.Event;
import org.ferrisdb.integration.history.History;
import org.ferrisdb.node.health.ClusterPicture;
import org.ferrisdb.node.health.ClusterProbe;
import org.ferrisdb.node.local.NodeProcess;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/**
 * Every kind of fault of three nodes does what it says, and the cluster is whole again after it.
 * One cluster for all, so a test begins with what the one before it has healed.
 */
class NemesesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Duration SHORT = Duration.ofSeconds(20);

  private static final long SEED = new Random().nextLong();
  private static final Random RANDOM = new Random(SEED);

  /**
   * A lease is 500 ms and is renewed by a round trip (docs/deployment.md says so to users); and a
   * timestamp, which has to come within as long, takes another if meta is led elsewhere.
   */
  private static final long ROUND_TRIP_SERVED_MILLIS = 240;

  private static ProcessCluster cluster;
  private static Ferris ferris;
  private static int written;
  private static boolean evidence;

  private final History history = new History(System::nanoTime);
  private boolean passed;
  private @Nullable Nemesis struck;

  @BeforeAll
  static void start() {
    System.out.println("seed " + SEED);
    cluster = ProcessCluster.start(ProcessCluster.Options.of(3, 2));
    cluster.awaitHealthy(PATIENCE);
    ferris =
        Ferris.connect(
            cluster.url(), FerrisOptions.defaults().withDeadline(Duration.ofSeconds(10)));
  }

  @AfterAll
  static void stop() {
    if (ferris != null) {
      ferris.close();
    }
    if (cluster != null) {
      cluster.close();
    }
  }

  @BeforeEach
  void serves() {
    // A key of each shard.
    for (String key : List.of("\u0001first", "\u00ffsecond")) {
      String value = "value " + written++;
      ferris.put(utf8(key), utf8(value));
      assertThat(ferris.get(utf8(key)).map(Entry::value)).contains(utf8(value));
    }
  }

  @AfterEach
  void isWhole(TestInfo test) throws IOException {
    if (passed) {
      return;
    }
    System.out.println(test.getDisplayName() + ": " + history.events());
    if (!evidence) {
      evidence = true; // what fails after this mostly fails of the same
      Path directory = Path.of("target", "nemeses");
      cluster.collectEvidence(directory);
      System.out.println("logs and threads: " + directory.toAbsolutePath());
    }
    if (struck != null) {
      struck.heal(cluster, history); // the next test begins with a whole cluster
    }
  }

  private Nemesis strike(String name) {
    Nemesis nemesis = Nemeses.named(name).orElseThrow();
    String why = nemesis.unsupported(cluster).orElse("");
    Assumptions.assumeTrue(why.isEmpty(), () -> name + ": " + why);
    struck = nemesis;
    nemesis.strike(cluster, RANDOM, history);
    return nemesis;
  }

  /** Ends it, and everything is as before: healthy, serving, and the same on every replica. */
  private void healed(Nemesis nemesis) {
    struck = null;
    nemesis.heal(cluster, history);
    cluster.awaitHealthy(PATIENCE);
    serves();
    ReplicaAgreement agreement = ReplicaAgreement.await(cluster, SHORT);
    assertThat(agreement.violations()).isEmpty();
    assertThat(agreement.agreed()).containsOnlyKeys(0L, 1L, 2L);
    List<Event> events = history.events();
    assertThat(detail(events.getFirst(), "phase")).isEqualTo("begin");
    assertThat(detail(events.getLast(), "phase")).isEqualTo("end");
    assertThat(detail(events.getLast(), "down")).isEqualTo(List.of());
    assertThat(detail(events.getLast(), "impaired")).isEqualTo(List.of());
    assertThat(detail(events.getLast(), "cut")).isEqualTo(List.of());
    passed = true;
  }

  private static Object detail(Event event, String key) {
    Object value = event.value() instanceof Map<?, ?> map ? map.get(key) : null;
    return value == null ? "" : value;
  }

  /** What the last effect says. */
  private Object effect(String key) {
    return history.events().stream()
        .filter(e -> detail(e, "phase").equals("effect"))
        .map(e -> detail(e, key))
        .filter(v -> !v.equals(""))
        .reduce((_, last) -> last)
        .orElse("");
  }

  private List<String> victims() {
    return effect("nodes") instanceof List<?> nodes
        ? nodes.stream().map(String::valueOf).toList()
        : List.of();
  }

  private static void await(String what, java.util.concurrent.Callable<Boolean> condition) {
    Awaitility.await(what).atMost(PATIENCE).until(condition);
  }

  private static Map<String, Long> pids() {
    return cluster.processes().nodes().stream()
        .filter(NodeProcess::isRunning)
        .collect(Collectors.toMap(NodeProcess::name, n -> n.handle().orElseThrow().pid()));
  }

  private static String nodeId(String name) {
    return cluster.processes().picture().nodes().stream()
        .filter(n -> n.name().equals(name))
        .map(ClusterPicture.Node::id)
        .findFirst()
        .orElse("");
  }

  private static boolean everyShardLedBySomebodyElseThan(String node) {
    return cluster.shards().stream()
        .map(cluster::leaderOf)
        .allMatch(l -> l.isPresent() && !l.get().equals(node));
  }

  // ---- processes -------------------------------------------------------------------------------

  @Test
  void killedNodesAreGoneUntilTheyAreHealed() {
    for (Map.Entry<String, Integer> kind :
        Map.of("kill-one", 1, "kill-minority", 1, "kill-majority", 2, "kill-all", 3).entrySet()) {
      Map<String, Long> before = pids();
      Nemesis nemesis = strike(kind.getKey());
      assertThat(victims()).hasSize(kind.getValue());
      assertThat(cluster.down()).containsExactlyInAnyOrderElementsOf(victims());
      assertThat(detail(history.events().getLast(), "down"))
          .isEqualTo(victims().stream().sorted().toList());
      for (String victim : victims()) {
        assertThat(ProcessHandle.of(before.getOrDefault(victim, -1L))).isEmpty();
      }
      healed(nemesis);
    }
  }

  @Test
  void aPowerLossTakesWhatIsNotSyncedAndNothingThatWasAcknowledged() {
    for (int i = 0; i < 30; i++) {
      ferris.put(utf8("\u0001power" + i), utf8("v" + i));
    }
    Map<String, Long> before = pids();
    Nemesis nemesis = strike("power-loss");
    assertThat(cluster.down()).containsExactlyElementsOf(cluster.nodes());
    System.out.println("power-loss: lost " + effect("lost"));
    healed(nemesis);
    before.forEach((node, pid) -> assertThat(pids().get(node)).isNotEqualTo(pid));
    for (int i = 0; i < 30; i++) {
      assertThat(ferris.get(utf8("\u0001power" + i)).map(Entry::value)).contains(utf8("v" + i));
    }
  }

  @Test
  void aRestartedNodeIsAnotherProcess() {
    Map<String, Long> before = pids();
    Nemesis nemesis = strike("restart");
    String victim = victims().getFirst();
    assertThat(pids().get(victim)).isNotEqualTo(before.get(victim));
    healed(nemesis);
  }

  @Test
  void aRollingRestartReplacesEveryProcess() {
    Map<String, Long> before = pids();
    Nemesis nemesis = strike("rolling-restart");
    assertThat(effect("unhealthy")).isEqualTo("");
    Map<String, Long> after = pids();
    assertThat(after).hasSize(3);
    before.forEach((node, pid) -> assertThat(after.get(node)).isNotEqualTo(pid));
    healed(nemesis);
  }

  @Test
  void aPausedLeaderIsStoppedInMidAirAndReplaced() throws IOException {
    Nemesis nemesis = strike("pause-leader");
    String victim = victims().getFirst();
    long pid = pids().getOrDefault(victim, -1L);
    assertThat(Files.readString(Path.of("/proc/" + pid + "/stat"))).contains(") T ");
    await("other leaders", () -> everyShardLedBySomebodyElseThan(victim));
    assertThat(cluster.down()).containsExactly(victim);
    healed(nemesis);
  }

  @Test
  void leadershipsMoveWhileTheOldLeaderHearsOfItLate() {
    Nemesis nemesis = strike("late-handover");
    assertThat(history.events().stream().filter(e -> !detail(e, "late-millis").equals("")))
        .hasSize(3)
        .anyMatch(e -> detail(e, "shards") instanceof List<?> moved && !moved.isEmpty());
    healed(nemesis);
  }

  @Test
  void leadershipsMove() {
    Map<Long, String> before =
        cluster.shards().stream()
            .collect(Collectors.toMap(s -> s, s -> cluster.leaderOf(s).orElse("")));
    Nemesis nemesis = strike("leadership-transfer");
    assertThat(history.events().stream().filter(e -> detail(e, "moved").equals(true)).count())
        .isPositive();
    assertThat(before).hasSize(3);
    healed(nemesis);
  }

  // ---- network ---------------------------------------------------------------------------------

  @Test
  void aNodeThatIsCutOffLeadsNothingForTheOthers() {
    for (String kind : List.of("partition-one", "partition-halves", "one-way-in", "one-way-out")) {
      Nemesis nemesis = strike(kind);
      String victim = victims().getFirst();
      assertThat(cluster.network().cuts())
          .hasSize(kind.startsWith("one-way") ? 2 : 4)
          .allMatch(d -> d.from().equals(victim) || d.to().equals(victim));
      if (kind.equals("one-way-in")) {
        assertThat(cluster.network().cuts()).extracting(Direction::to).containsOnly(victim);
      }
      await(kind + ": other leaders than " + victim, () -> everyShardLedBySomebodyElseThan(victim));
      serves();
      healed(nemesis);
    }
  }

  @Test
  void twoNodesThatDoNotHearEachOtherAreServedThroughTheThird() {
    Nemesis nemesis = strike("partition-link");
    assertThat(cluster.network().cuts()).hasSize(2);
    serves();
    healed(nemesis);
  }

  @Test
  void theNodeThatLeadsEverythingIsCutOffWithAllItLeads() {
    Nemesis nemesis = strike("refused-leader");
    String victim = victims().getFirst();
    assertThat(effect("shards")).isInstanceOf(List.class).isNotEqualTo(List.of());
    assertThat(cluster.network().cuts())
        .hasSize(4)
        .allMatch(d -> d.from().equals(victim) || d.to().equals(victim));
    await("other leaders than " + victim, () -> everyShardLedBySomebodyElseThan(victim));
    serves();
    healed(nemesis);
  }

  @Test
  void slowLinksTakeTheirTime() {
    Nemesis nemesis = strike("slow-links");
    while (2 * (millis("delay-millis") + millis("jitter-millis")) > ROUND_TRIP_SERVED_MILLIS) {
      healed(
          nemesis); // slower than a lease allows: nobody can be served, and nothing wrong with it
      nemesis = strike("slow-links");
    }
    long delay = millis("delay-millis");
    assertThat(delay).isPositive();
    long began = System.nanoTime();
    assertThat(ferris.get(utf8("\u0001first"))).isPresent();
    assertThat(System.nanoTime() - began).isGreaterThan(2 * delay * 1_000_000);
    healed(nemesis);
  }

  private long millis(String effect) {
    return effect(effect) instanceof Long millis ? millis : 0;
  }

  @Test
  void lossyLinksStallNowAndThen() {
    Nemesis nemesis = strike("lossy-links");
    await(
        "a call that waits for a packet to be sent again",
        () -> {
          long began = System.nanoTime();
          try {
            ferris.put(utf8("\u0001lossy"), utf8("v"));
          } catch (FerrisException e) {
            return true;
          }
          return System.nanoTime() - began > 190_000_000;
        });
    healed(nemesis);
  }

  @Test
  void resetConnectionsAreBroken() throws IOException {
    String address = cluster.url("n1").substring("ferris://".length());
    int port = Integer.parseInt(address.substring(address.indexOf(':') + 1));
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(50);
      assertThat(isOpen(socket)).isTrue();
      Nemesis nemesis = strike("reset-connections");
      assertThat(effect("connections")).isInstanceOf(Long.class).isNotEqualTo(0L);
      await("a broken connection", () -> !isOpen(socket));
      healed(nemesis);
    }
  }

  private static boolean isOpen(Socket socket) {
    try {
      return socket.getInputStream().read() >= 0;
    } catch (SocketTimeoutException e) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  // ---- disks -----------------------------------------------------------------------------------

  @Test
  void aNodeWithAWipedDiskIsANewNode() {
    Map<String, String> before =
        cluster.nodes().stream().collect(Collectors.toMap(n -> n, NemesesTest::nodeId));
    Nemesis nemesis = strike("wiped-disk");
    assertThat(effect("not-done")).isEqualTo("");
    healed(nemesis);
    String victim = victims().getFirst();
    assertThat(nodeId(victim)).isNotEmpty().isNotEqualTo(before.get(victim));
  }

  @Test
  void aFullDiskStopsItsNodesReplicasOnly() {
    Nemesis nemesis = strike("disk-full");
    String victim = victims().getFirst();
    assertThat(cluster.disk(victim).isImpaired()).isTrue();
    assertThat(free(victim)).isLessThan(1 << 20);
    for (int i = 0; i < 20; i++) {
      Bytes key = utf8("\u0001full" + i);
      // Until another node leads what this one leads.
      Awaitility.await()
          .atMost(PATIENCE)
          .ignoreExceptionsInstanceOf(DiskFullException.class)
          .untilAsserted(() -> ferris.put(key, utf8("x".repeat(10_000))));
    }
    healed(nemesis);
    assertThat(free(victim)).isGreaterThan(100 << 20);
  }

  private static long free(String node) {
    try {
      return Files.getFileStore(cluster.processes().node(node).dataDir()).getUsableSpace();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aSlowDiskIsSeenByItsNode() {
    Nemesis nemesis = strike("slow-disk");
    String victim = victims().getFirst();
    await(
        "slow fsyncs",
        () -> {
          serves();
          return cluster.disk(victim).faultySyncs() > 2;
        });
    if (effect("fsync-millis") instanceof Long millis && millis >= 300) {
      await(
          "leaders with faster disks than " + victim,
          () -> {
            serves(); // an idle log is not late
            return everyShardLedBySomebodyElseThan(victim);
          });
    }
    healed(nemesis);
  }

  @Test
  void aFailingFsyncIsSeenAndIsNotTakenForSuccess() {
    Nemesis nemesis = strike("failing-fsync");
    String victim = victims().getFirst();
    await(
        "a node that says that its replicas failed, or ends",
        () -> {
          serves();
          return cluster.disk(victim).faultySyncs() > 0 && !Waiting.isHealthy(cluster);
        });
    await("other leaders", () -> everyShardLedBySomebodyElseThan(victim));
    healed(nemesis);
  }

  @Test
  void damagedFilesAreFoundAndReplaced() {
    for (String kind : List.of("bit-flip", "truncated-file")) {
      Nemesis nemesis = strike(kind);
      assertThat(effect("not-done")).isEqualTo("");
      assertThat(effect("files")).asString().contains(" of ");
      System.out.println(kind + " " + victims() + " " + effect("files"));
      healed(nemesis);
    }
  }

  // ---- time ------------------------------------------------------------------------------------

  @Test
  void clocksStepAndComeBack() {
    Nemesis nemesis = strike("clock-step");
    List<?> seconds = effect("seconds") instanceof List<?> list ? list : List.of();
    assertThat(seconds).hasSize(3);
    for (int i = 0; i < 3; i++) {
      String node = victims().get(i);
      long step = seconds.get(i) instanceof Long s ? s : 0;
      assertThat(uptimeSeconds(node) - realUptimeSeconds(node)).isBetween(step - 60, step + 60);
    }
    serves();
    healed(nemesis);
    assertThat(uptimeSeconds("n1") - realUptimeSeconds("n1")).isBetween(-60L, 60L);
  }

  /** What the node makes of it, by its own time of day. */
  private static long uptimeSeconds(String node) {
    String address = "127.0.0.1:" + cluster.processes().node(node).ports().client();
    String status = new ClusterProbe(SHORT).askOne(address).status();
    Matcher found = Pattern.compile("\"uptimeSeconds\": *(-?\\d+)").matcher(status);
    assertThat(found.find()).as(status).isTrue();
    return Long.parseLong(found.group(1));
  }

  private static long realUptimeSeconds(String node) {
    Instant started =
        cluster.processes().node(node).handle().orElseThrow().info().startInstant().orElseThrow();
    return Duration.between(started, Instant.now()).toSeconds();
  }
}
