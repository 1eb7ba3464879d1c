package org.ferrisdb.benchmarks.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.ferrisdb.node.cli.load.BenchSpec.Mix;
import org.ferrisdb.node.local.NodePorts;

/** An ensemble of three ZooKeepers. */
final class ZooKeeperContestant extends PeerContestant {
  ZooKeeperContestant(Path root) {
    super(root);
  }

  @Override
  public String name() {
    return "zookeeper";
  }

  @Override
  public String title() {
    return "ZooKeeper";
  }

  @Override
  public String settings() {
    return "ZooKeeper "
        + versionOf("zookeeper")
        + ", forceSync on (its default); its reads alone are only sequential, so a read here is"
        + " sync and then getData, which makes it linearizable; it has no scans";
  }

  @Override
  public boolean runs(Cell cell) {
    return cell.mix() != Mix.YCSB_E;
  }

  @Override
  public String storeFactory() {
    return "org.ferrisdb.benchmarks.peers.zookeeper.ZooKeeperStoreFactory";
  }

  @Override
  public RunningCluster start(Path dir) {
    List<NodePorts> ports = freePorts();
    StringBuilder members = new StringBuilder();
    for (int i = 0; i < ports.size(); i++) {
      NodePorts p = ports.get(i);
      members.append(
          "server.%d=127.0.0.1:%d:%d;127.0.0.1:%d%n"
              .formatted(i + 1, p.raft(), p.http(), p.client()));
    }
    ServerProcesses servers = new ServerProcesses();
    for (int i = 0; i < ports.size(); i++) {
      Path data = dir.resolve("z" + (i + 1));
      Path config = dir.resolve("z" + (i + 1) + ".cfg");
      try {
        Files.createDirectories(data);
        Files.writeString(data.resolve("myid"), (i + 1) + "\n");
        Files.writeString(
            config,
            "dataDir="
                + data
                + "\ntickTime=2000\ninitLimit=10\nsyncLimit=5\nmaxClientCnxns=0\n"
                + "admin.enableServer=false\n"
                + members);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      List<String> command =
          java(
              List.of("-Dzookeeper.admin.enableServer=false"),
              "org.apache.zookeeper.server.quorum.QuorumPeerMain",
              config.toString());
      servers.start("z" + (i + 1), command, dir, ports.get(i).client());
    }
    return servers.awaitListening();
  }
}
