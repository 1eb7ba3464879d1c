package org.ferrisdb.node.local.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.ferrisdb.node.local.NodePorts;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What nodes are told; that cuts hold back what nodes say is shown by tests of whole clusters. */
class NodeNetworkTest {
  @TempDir private Path dir;

  @Test
  void nodesAdvertiseTheProxiesToEachOtherAndThemselvesToClients() throws IOException {
    List<NodePorts> ports = NodePorts.from(7001, 2);
    try (NodeNetwork network = NodeNetwork.open(dir, ports)) {
      Map<String, String> settings = network.settings();
      assertThat(settings)
          .containsOnlyKeys(
              "cluster.seeds",
              "n1:raft.advertise",
              "n1:client.advertise",
              "n1:client.networks",
              "n2:raft.advertise",
              "n2:client.advertise",
              "n2:client.networks")
          .containsEntry(
              "n2:client.networks",
              "direct=127.0.0.1:7002,clients=" + network.clientAddresses().getLast())
          .containsEntry(
              "cluster.seeds",
              settings.get("n1:client.advertise") + "," + settings.get("n2:client.advertise"));
      assertThat(settings.get("n1:raft.advertise"))
          .isNotEqualTo("127.0.0.1:7101")
          .isNotEqualTo(settings.get("n2:raft.advertise"));
      String address = settings.getOrDefault("n1:raft.advertise", "");
      int port = Integer.parseInt(address.substring(address.indexOf(':') + 1));
      new Socket(InetAddress.getLoopbackAddress(), port).close(); // it listens
    }
  }

  @Test
  void aNodeThatIsNotThereCanNotBeCutOff() {
    try (NodeNetwork network = NodeNetwork.open(dir, NodePorts.from(7001, 2))) {
      assertThatThrownBy(() -> network.cut("n3")).hasMessage("no node n3, there are [n1, n2]");
      assertThatThrownBy(() -> network.cutOneWay("n1", "n9")).hasMessageContaining("no node n9");
    }
  }
}
