package org.ferrisdb.benchmarks.cluster;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.ferrisdb.node.local.NodePorts;

/** SOFAJRaft's RheaKV with RocksDB: three stores of one region, no placement driver. */
final class RheaContestant extends PeerContestant {
  /** Its serializers and its Netty look into the JDK. */
  private static final List<String> OPENED =
      List.of(
          "--add-opens=java.base/java.lang=ALL-UNNAMED",
          "--add-opens=java.base/java.util=ALL-UNNAMED",
          "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
          "--add-opens=java.base/java.nio=ALL-UNNAMED",
          "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
          "-Dio.netty.tryReflectionSetAccessible=true");

  RheaContestant(Path root) {
    super(root);
  }

  @Override
  public String name() {
    return "rheakv";
  }

  @Override
  public String title() {
    return "RheaKV";
  }

  @Override
  public String settings() {
    return "jraft-rheakv-core "
        + versionOf("jraft-rheakv-core")
        + ", one region, RocksDB, raft sync on, the client's batching on (its default); reads"
        + " linearizable (read index at the leader)";
  }

  @Override
  public String storeFactory() {
    return "org.ferrisdb.benchmarks.peers.rheakv.RheaStoreFactory";
  }

  @Override
  public List<String> driverOptions() {
    return OPENED;
  }

  @Override
  public RunningCluster start(Path dir) {
    List<NodePorts> ports = freePorts();
    String members =
        ports.stream().map(p -> "127.0.0.1:" + p.client()).collect(Collectors.joining(","));
    ServerProcesses servers = new ServerProcesses();
    for (int i = 0; i < ports.size(); i++) {
      List<String> command =
          java(
              OPENED,
              "org.ferrisdb.benchmarks.peers.rheakv.RheaServerMain",
              "127.0.0.1",
              Integer.toString(ports.get(i).client()),
              members,
              dir.resolve("r" + i).toString());
      servers.start("r" + i, command, dir, ports.get(i).client());
    }
    return servers.awaitListening();
  }
}
