package org.ferrisdb.integration.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.ferrisdb.client.Bytes.utf8;

import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.ClusterInfo;
import org.ferrisdb.client.ConnectionFailedException;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.client.FerrisOptions;
import org.ferrisdb.testkit.containers.FerrisContainer;
import org.junit.jupiter.api.Test;
import org.testcontainers.utility.DockerImageName;

/** Every client is told the addresses of its own side, and follows leaders by them. */
@ContainerTest
class NetworksTest {
  @Test
  void clientsInsideAndOutsideFollowLeadersByTheirOwnAddresses() {
    try (ContainersUnderTest cluster = ContainersUnderTest.start(4)) {
      String entrance = cluster.nodes().node("n2").url();
      try (Ferris outside = Ferris.connect(entrance)) {
        assertThat(outside.clusterInfo().nodes())
            .extracting(ClusterInfo.Node::address)
            .containsExactlyInAnyOrderElementsOf(cluster.nodes().clientAddresses());
        putOnAllShards(outside, "all up");
        // It knew only n2; from here on it lives on what it was told.
        cluster.nodes().kill("n2");
        putOnAllShards(outside, "n2 dead");
        cluster.nodes().restart("n2");
        cluster.awaitHealthy();
      }
      insideFollowsToo(cluster);
      networksByName(entrance);
      cluster.passed();
    }
  }

  private static void insideFollowsToo(ContainersUnderTest cluster) {
    FerrisContainer n1 = cluster.nodes().node("n1");
    for (String key : new String[] {"inside/1", "\u00e9/2"}) {
      var put = n1.cli("put", key, "value", "--url", "ferris://n3:7001");
      assertThat(put.getExitCode()).as(put.getStderr()).isZero();
      var get = n1.cli("get", key, "--url", "ferris://n1:7001");
      assertThat(get.getExitCode()).as(get.getStdout() + get.getStderr()).isZero();
      assertThat(get.getStdout()).contains("value");
    }
    assertThat(n1.cli("status", "--url", "ferris://n1:7001").getStdout())
        .contains("n1:7001", "n2:7001", "n3:7001");
  }

  private static void networksByName(String entrance) {
    try (Ferris ferris = Ferris.connect(entrance + "?network=default")) {
      assertThat(ferris.clusterInfo().nodes())
          .extracting(ClusterInfo.Node::address)
          .containsExactlyInAnyOrder("n1:7001", "n2:7001", "n3:7001");
    }
    FerrisOptions moon = FerrisOptions.defaults().withNetwork("moon");
    assertThatThrownBy(() -> Ferris.connect(entrance, moon))
        .isInstanceOf(ConnectionFailedException.class)
        .hasMessageContaining("this node has no network 'moon'")
        .hasMessageContaining("default, outside");
  }

  @Test
  void nodeAloneInAContainerIsAClusterOfOne() {
    try (FerrisContainer node =
        new FerrisContainer(DockerImageName.parse(NodeImage.TAG))
            .withSetting("cluster.shards", "2")) {
      node.start();
      try (Ferris ferris = node.connect()) {
        putOnAllShards(ferris, "alone");
        assertThat(ferris.clusterInfo().nodes())
            .extracting(ClusterInfo.Node::address)
            .containsExactly(node.clientAddress());
      }
      assertThatThrownBy(() -> node.withSetting("no.such", "x"))
          .hasMessageContaining("no setting 'no.such'");
    }
  }

  private static void putOnAllShards(Ferris ferris, String value) {
    for (int first = 0; first < 256; first += 16) {
      Bytes key = Bytes.ofBytes((byte) first).concat(utf8("key"));
      ferris.put(key, utf8(value));
      assertThat(ferris.get(key).orElseThrow().value()).isEqualTo(utf8(value));
    }
  }
}
