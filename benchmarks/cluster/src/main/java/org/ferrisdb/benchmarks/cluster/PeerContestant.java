package org.ferrisdb.benchmarks.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.ferrisdb.node.NodeJvm;
import org.ferrisdb.node.local.NodePorts;

/** What the other databases have in common: a class path of their own, in benchmarks/peers. */
abstract class PeerContestant implements Contestant {
  /** Twice what a FerrisDB node gets: JRaft's buffers and ZooKeeper's tree are on the heap. */
  private static final int HEAP_MB = 1_024;

  private static final int DIRECT_MB = 512;

  private final Path lib;

  /** {@code root} is the repository. */
  PeerContestant(Path root) {
    this.lib = root.resolve("benchmarks/peers").resolve(name()).resolve("target/peer/lib");
  }

  @Override
  public Optional<String> missing() {
    return Files.isDirectory(lib)
        ? Optional.empty()
        : Optional.of(title() + " is left out: " + lib + " is not built; run it as ./ferris race");
  }

  @Override
  public final String driverClassPath() {
    return lib + "/*";
  }

  final List<NodePorts> freePorts() {
    return NodePorts.free(SERVERS, new SplittableRandom());
  }

  /** A server in a JVM with the options that FerrisDB's nodes have, but more memory. */
  final List<String> java(List<String> options, String mainClass, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(NodeJvm.flags(HEAP_MB, DIRECT_MB));
    command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
    command.addAll(options);
    command.add("-cp");
    command.add(driverClassPath());
    command.add(mainClass);
    command.addAll(List.of(arguments));
    return command;
  }

  /** The version in the name of a jar, {@code artifact-VERSION.jar}. */
  final String versionOf(String artifact) {
    try (Stream<Path> jars = Files.list(lib)) {
      return jars.map(j -> j.getFileName().toString())
          .filter(j -> j.matches(artifact + "-[0-9].*\\.jar"))
          .map(j -> j.substring(artifact.length() + 1, j.length() - ".jar".length()))
          .findFirst()
          .orElse("(unknown)");
    } catch (IOException e) {
      return "(unknown)";
    }
  }
}
