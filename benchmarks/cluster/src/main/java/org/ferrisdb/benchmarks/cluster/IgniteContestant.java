package org.ferrisdb.benchmarks.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.ferrisdb.node.cli.load.BenchSpec.Mix;
import org.ferrisdb.node.local.NodePorts;

/** Three Ignite 3 servers, with a table of byte strings. */
final class IgniteContestant extends PeerContestant {
  private static final long PAGES_BYTES = 512L << 20;

  /** Packages of the JDK that it and its Netty look into; all of these together were tried. */
  private static final List<String> OPENED =
      Stream.concat(
              Stream.of(
                      "java.lang",
                      "java.lang.invoke",
                      "java.lang.reflect",
                      "java.io",
                      "java.nio",
                      "java.math",
                      "java.util",
                      "java.time",
                      "jdk.internal.misc",
                      "jdk.internal.access",
                      "sun.nio.ch",
                      "sun.security.x509")
                  .map(p -> "--add-opens=java.base/" + p + "=ALL-UNNAMED"),
              Stream.of("-Dio.netty.tryReflectionSetAccessible=true"))
          .toList();

  IgniteContestant(Path root) {
    super(root);
  }

  @Override
  public String name() {
    return "ignite";
  }

  @Override
  public String title() {
    return "Ignite 3";
  }

  @Override
  public String settings() {
    return "Ignite "
        + versionOf("ignite-runner")
        + ", raft.fsync on (it is off by default), three replicas, as many partitions as it"
        + " chooses, engine aipersist with 512 MB of pages; every operation a transaction of its"
        + " own; reads at the primary replica, under its lease; its keys are hashed, so it has no"
        + " scans in key order here";
  }

  @Override
  public boolean runs(Cell cell) {
    return cell.mix() != Mix.YCSB_E;
  }

  @Override
  public String storeFactory() {
    return "org.ferrisdb.benchmarks.peers.ignite.IgniteStoreFactory";
  }

  @Override
  public List<String> driverOptions() {
    return OPENED;
  }

  @Override
  public RunningCluster start(Path dir) {
    List<NodePorts> ports = freePorts();
    List<String> names = IntStream.range(0, ports.size()).mapToObj(i -> "i" + i).toList();
    ServerProcesses servers = new ServerProcesses();
    for (int i = 0; i < ports.size(); i++) {
      List<String> arguments =
          new ArrayList<>(
              List.of(
                  names.get(i),
                  writeConfig(dir, names.get(i), ports, i).toString(),
                  dir.resolve(names.get(i)).toString()));
      if (i == ports.size() - 1) {
        arguments.add(String.join(",", names));
      }
      List<String> command =
          java(
              OPENED,
              "org.ferrisdb.benchmarks.peers.ignite.IgniteServerMain",
              arguments.toArray(String[]::new));
      servers.start(names.get(i), command, dir, ports.get(i).client());
    }
    return servers.awaitListening();
  }

  private static Path writeConfig(Path dir, String name, List<NodePorts> ports, int i) {
    String members =
        ports.stream()
            .map(p -> "\"127.0.0.1:%d\"".formatted(p.raft()))
            .collect(Collectors.joining(", "));
    Path file = dir.resolve(name + ".conf");
    try {
      Files.createDirectories(dir);
      return Files.writeString(
          file,
          """
          ignite {
            network { port = %d, nodeFinder { type = STATIC, netClusterNodes = [%s] } }
            clientConnector { port = %d }
            rest { port = %d }
            raft { fsync = true }
            storage { profiles = [ { name = default, engine = aipersist, sizeBytes = %d } ] }
          }
          """
              .formatted(
                  ports.get(i).raft(),
                  members,
                  ports.get(i).client(),
                  ports.get(i).http(),
                  PAGES_BYTES));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
