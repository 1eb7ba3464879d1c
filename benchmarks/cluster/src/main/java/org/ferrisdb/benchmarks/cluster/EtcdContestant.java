package org.ferrisdb.benchmarks.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.ferrisdb.node.local.NodePorts;

/** The machine's own etcd, reached by jetcd. */
final class EtcdContestant extends PeerContestant {
  private static final int MOST_WARMUP_SECONDS = 60;

  private final Optional<Path> binary;

  EtcdContestant(Path root, String path) {
    super(root);
    this.binary =
        Arrays.stream(path.split(":", -1))
            .map(dir -> Path.of(dir, "etcd"))
            .filter(Files::isExecutable)
            .findFirst();
  }

  @Override
  public String name() {
    return "etcd";
  }

  @Override
  public String title() {
    return "etcd";
  }

  /** Written in Go: the minute is for the driver, which runs on a JVM. */
  @Override
  public int warmupSeconds(int asked) {
    return Math.min(asked, MOST_WARMUP_SECONDS);
  }

  @Override
  public String settings() {
    return "etcd "
        + version()
        + " with its default settings, jetcd "
        + versionOf("jetcd-core")
        + "; its log is fsynced on a majority before the answer; reads linearizable (read index);"
        + " compiled ahead of time, so warmed up for "
        + MOST_WARMUP_SECONDS
        + " s at the most";
  }

  private String version() {
    try {
      Process process =
          new ProcessBuilder(binary.orElseThrow().toString(), "--version")
              .redirectErrorStream(true)
              .start();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return out.lines().findFirst().orElse("").replace("etcd Version:", "").strip();
    } catch (IOException e) {
      return "(unknown)";
    }
  }

  @Override
  public Optional<String> missing() {
    return binary.isPresent()
        ? super.missing()
        : Optional.of(
            "etcd is left out: no etcd on the PATH; install it (Debian: apt-get install"
                + " etcd-server)");
  }

  @Override
  public String storeFactory() {
    return "org.ferrisdb.benchmarks.peers.etcd.EtcdStoreFactory";
  }

  @Override
  public RunningCluster start(Path dir) {
    List<NodePorts> ports = freePorts();
    String members =
        IntStream.range(0, ports.size())
            .mapToObj(i -> "e" + i + "=http://127.0.0.1:" + ports.get(i).raft())
            .collect(Collectors.joining(","));
    ServerProcesses servers = new ServerProcesses();
    for (int i = 0; i < ports.size(); i++) {
      String client = "http://127.0.0.1:" + ports.get(i).client();
      String peer = "http://127.0.0.1:" + ports.get(i).raft();
      List<String> command =
          List.of(
              binary.orElseThrow().toString(),
              "--name=e" + i,
              "--data-dir=" + dir.resolve("e" + i),
              "--listen-client-urls=" + client,
              "--advertise-client-urls=" + client,
              "--listen-peer-urls=" + peer,
              "--initial-advertise-peer-urls=" + peer,
              "--initial-cluster=" + members,
              "--initial-cluster-token=" + dir.getFileName(),
              "--initial-cluster-state=new",
              "--log-level=error");
      servers.start("e" + i, command, dir, ports.get(i).client());
    }
    return servers.awaitListening();
  }
}
