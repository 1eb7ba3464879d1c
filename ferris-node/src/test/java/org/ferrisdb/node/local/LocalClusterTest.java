package org.ferrisdb.node.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalClusterTest {
  @TempDir private Path dir;

  @Test
  void theSpecIsReadBackAsItWasWritten() {
    LocalClusterSpec spec =
        LocalClusterSpec.of(dir, 7, NodePorts.from(8001, 2))
            .withSettings(Map.of("cluster.split-keys", "a = b, c"))
            .withJvmOptions(List.of("-Xmx1g", "-Dx=y z"));
    assertThat(SpecFile.format(spec))
        .isEqualTo(
            """
            # A local FerrisDB cluster; written by ./ferris up
            shards = 7
            n1 = 8001 8101 8201
            n2 = 8002 8102 8202
            set cluster.split-keys = a = b, c
            jvm -Xmx1g
            jvm -Dx=y z
            """);
    LocalCluster.create(spec);
    assertThat(LocalCluster.open(dir).orElseThrow().spec()).isEqualTo(spec);
    assertThatThrownBy(() -> LocalCluster.create(spec)).hasMessageContaining("holds a cluster");
  }

  @Test
  void thePidOfAnotherProcessIsStale() throws IOException {
    LocalCluster cluster = LocalCluster.create(spec());
    long pid = ProcessHandle.current().pid();
    long started =
        ProcessHandle.current().info().startInstant().map(t -> t.toEpochMilli()).orElse(0L);
    writePid(pid + " " + started);
    // This very process is alive and started then, but its command line names no node.conf of ours.
    assertThat(cluster.node("n1").isRunning()).isFalse();
    assertThat(cluster.kill("n1")).isFalse();
    assertThat(dir.resolve("n1/pid")).doesNotExist();
  }

  @Test
  void aTornPidFileIsNoPidFile() throws IOException {
    LocalCluster cluster = LocalCluster.create(spec());
    for (String text : List.of("", "12", "12 x", "999999999 1", "\0\0")) {
      writePid(text);
      assertThat(cluster.node("n1").isRunning()).as("pid file '%s'", text).isFalse();
    }
  }

  @Test
  void aPortInUseIsNamedBeforeAnythingIsStarted() throws IOException {
    LocalCluster cluster = LocalCluster.create(spec());
    int port = cluster.spec().ports().getFirst().raft();
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      assertThatThrownBy(() -> cluster.start("n1"))
          .isInstanceOf(LocalClusterException.class)
          .hasMessageContaining("port " + port + " of node n1 is in use");
    }
    assertThat(dir.resolve("n1/pid")).doesNotExist();
  }

  @Test
  void anUnknownNodeIsAnsweredWithTheKnownOnes() {
    LocalCluster cluster = LocalCluster.create(spec());
    assertThatThrownBy(() -> cluster.kill("n9"))
        .isInstanceOfSatisfying(
            LocalClusterException.class,
            e -> assertThat(e.hint()).isEqualTo("the nodes are n1, n2"));
  }

  @Test
  void freePortsAreDistinctAndOutsideTheRangeOfOutgoingConnections() {
    List<NodePorts> ports = NodePorts.free(5, new SplittableRandom(1));
    assertThat(ports.stream().flatMap(p -> p.all().stream()).toList())
        .hasSize(15)
        .doesNotHaveDuplicates()
        .allMatch(p -> p >= 20_000 && p < 32_000);
  }

  @Test
  void oneCommandAtATimeChangesACluster() throws Exception {
    try (AutoCloseable _ = LocalCluster.lock(dir)) {
      assertThatThrownBy(() -> LocalCluster.lock(dir))
          .isInstanceOf(LocalClusterException.class)
          .hasMessageContaining("another ferris command");
    }
    LocalCluster.lock(dir).close();
  }

  private LocalClusterSpec spec() {
    return LocalClusterSpec.of(dir, 4, NodePorts.free(2, new SplittableRandom()));
  }

  private void writePid(String text) throws IOException {
    Files.createDirectories(dir.resolve("n1"));
    Files.writeString(dir.resolve("n1/pid"), text);
  }

  @Test
  void a_new_cluster_has_half_as_many_shards_as_there_are_cores_but_not_many() {
    assertThat(IntStream.of(1, 2, 3, 4, 8, 64).map(LocalClusterSpec::defaultShards))
        .containsExactly(1, 1, 1, 2, 4, 4);
  }
}
