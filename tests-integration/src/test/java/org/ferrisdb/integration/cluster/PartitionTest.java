package org.ferrisdb.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ferrisdb.client.Bytes.utf8;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.client.FerrisException;
import org.ferrisdb.client.FerrisOptions;
import org.ferrisdb.integration.faults.LinkProxy;
import org.ferrisdb.node.local.NodePorts;
import org.junit.jupiter.api.Test;

/**
 * Nodes that live but do not hear, are not heard, or are stopped in mid-air: no stale read, ever.
 */
class PartitionTest {
  @Test
  void pausedLeaderIsReplacedAndServesNothingStaleWhenItWakes() {
    try (ClusterUnderTest cluster = ClusterUnderTest.start(2);
        Ferris ferris = cluster.connect();
        RegisterWorkload load = new RegisterWorkload(ferris, 6, 6)) {
      for (int round = 0; round < 3; round++) {
        CrashTest.awaitWrites(cluster, load, 200);
        String victim = cluster.leaderOf(1);
        cluster.processes().pause(victim);
        CrashTest.awaitWrites(cluster, load, 200);
        cluster.processes().resume(victim);
        CrashTest.awaitWrites(cluster, load, 200);
      }
      cluster.awaitHealthy();
      load.stopAndCheck();
      cluster.passed();
    }
  }

  @Test
  void leaderThatHearsNoAnswersDoesNotServeStaleReads() {
    cutLeaderOff(Cut.ANSWERS_TO_LEADER);
  }

  @Test
  void leaderThatIsNotHeardDoesNotServeStaleReads() {
    cutLeaderOff(Cut.REQUESTS_OF_LEADER);
  }

  private enum Cut {
    ANSWERS_TO_LEADER,
    REQUESTS_OF_LEADER
  }

  /**
   * All Raft traffic runs through proxies. The leader's appends (or the answers to them) are
   * swallowed; clients still reach it at its front door and keep asking it directly.
   */
  private static void cutLeaderOff(Cut cut) {
    List<NodePorts> ports = NodePorts.free(4, new Random());
    List<LinkProxy> proxies = new ArrayList<>();
    Map<String, String> settings = new HashMap<>();
    List<Long> pids = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      // The fourth node's ports are free ones for the proxies of the other three.
      int proxyPort =
          switch (i) {
            case 0 -> ports.get(3).client();
            case 1 -> ports.get(3).raft();
            default -> ports.get(3).http();
          };
      proxies.add(new LinkProxy(proxyPort, ports.get(i).raft(), () -> List.copyOf(pids)));
      settings.put("n" + (i + 1) + ":raft.advertise", "127.0.0.1:" + proxyPort);
    }
    try (ClusterUnderTest cluster = startThroughProxies(ports.subList(0, 3), settings, pids);
        Ferris ferris = cluster.connect();
        RegisterWorkload load = new RegisterWorkload(ferris, 6, 6)) {
      CrashTest.awaitWrites(cluster, load, 300);
      String leader = cluster.leaderOf(1);
      int index = leader.charAt(1) - '1';
      long leaderPid = cluster.processes().node(leader).handle().orElseThrow().pid();
      for (int i = 0; i < 3; i++) {
        if (i != index && cut == Cut.REQUESTS_OF_LEADER) {
          proxies.get(i).cutRequestsOf(leaderPid);
        } else if (i != index) {
          proxies.get(i).cutRepliesTo(leaderPid);
        }
      }
      CrashTest.awaitWrites(cluster, load, 400);
      proxies.forEach(LinkProxy::heal);
      CrashTest.awaitWrites(cluster, load, 200);
      cluster.awaitHealthy();
      load.stopAndCheck();
      cluster.passed();
    } finally {
      proxies.forEach(LinkProxy::close);
    }
  }

  private static ClusterUnderTest startThroughProxies(
      List<NodePorts> ports, Map<String, String> settings, List<Long> pids) {
    // Connections made before the process ids are known would be nobody's: the proxies learn the
    // ids as processes appear.
    Thread.ofVirtual()
        .start(() -> {
          while (pids.size() < 3) {
            ProcessHandle.current()
                .children()
                .map(ProcessHandle::pid)
                .filter(p -> !pids.contains(p))
                .forEach(pids::add);
            java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
          }
        });
    return ClusterUnderTest.start(2, ports, settings, ClusterUnderTest.temporaryDirectory());
  }

  @Test
  void oneDeadAddressCostsAClientNothing() {
    try (ClusterUnderTest cluster = ClusterUnderTest.start(2)) {
      int nobody = NodePorts.free(1, new Random()).getFirst().client();
      String url =
          "ferris://127.0.0.1:"
              + nobody
              + ","
              + String.join(",", cluster.processes().clientAddresses());
      try (Ferris ferris = Ferris.connect(url)) {
        ferris.put(utf8("k"), utf8("v"));
        assertThat(ferris.get(utf8("k")).orElseThrow().value()).isEqualTo(utf8("v"));
      }
      cluster.passed();
    }
  }

  @Test
  void everyCallEndsByItsDeadlineWhenTheQuorumIsGone() {
    Duration deadline = Duration.ofMillis(1_500);
    try (ClusterUnderTest cluster = ClusterUnderTest.start(2);
        Ferris ferris = cluster.connect(FerrisOptions.defaults().withDeadline(deadline))) {
      ferris.put(utf8("k"), utf8("v"));
      cluster.processes().pause("n1");
      cluster.processes().pause("n2");
      for (int i = 0; i < 3; i++) {
        long began = System.nanoTime();
        try {
          ferris.put(utf8("k" + i), utf8("v"));
        } catch (FerrisException e) {
          assertThat(e.hint()).isNotEmpty();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - began))
            .isLessThan(deadline.multipliedBy(3));
      }
      cluster.processes().resume("n1");
      cluster.processes().resume("n2");
      cluster.awaitHealthy();
      assertThat(ferris.get(utf8("k")).orElseThrow().value()).isEqualTo(utf8("v"));
      cluster.passed();
    }
  }
}
