package org.ferrisdb.node.local;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ferrisdb.node.NodeJvm;

/** How JVMs of local nodes are started. */
final class JvmOptions {
  /** Further options for local nodes, separated by blanks; they come last, so they win. */
  static final String ENVIRONMENT = "FERRIS_NODE_JAVA_OPTS";

  /** Three nodes should fit on a laptop beside other things. */
  private static final int HEAP_MB = 512;

  private static final int DIRECT_MB = 256;

  /** Writes a cache, and can not start from one. */
  private static final String RECORDING = "-XX:AOTCacheOutput=";

  private JvmOptions() {}

  /**
   * All options of one node's JVM.
   *
   * @param more the cluster's; {@code n1:-Dx=y} is for the node n1 alone
   */
  static List<String> forNode(String name, List<String> more) {
    List<String> options = new ArrayList<>(NodeJvm.flags(HEAP_MB, DIRECT_MB));
    List<String> own = own(name, more);
    if (own.stream().noneMatch(o -> o.startsWith(RECORDING))) {
      trainedCache(System.getProperty("java.class.path"))
          .ifPresent(cache -> options.add("-XX:AOTCache=" + cache));
    }
    String environment = System.getenv(ENVIRONMENT);
    if (environment != null && !environment.isBlank()) {
      options.addAll(List.of(environment.strip().split("\\s+", -1)));
    }
    options.addAll(own);
    return options;
  }

  private static List<String> own(String name, List<String> options) {
    List<String> own = new ArrayList<>();
    for (String option : options) {
      int colon = option.indexOf(':');
      if (option.startsWith("-") || colon < 0) {
        own.add(option);
      } else if (option.substring(0, colon).equals(name)) {
        own.add(option.substring(colon + 1));
      }
    }
    return own;
  }

  /**
   * What {@code ferris train} has left beside the jars that this process runs from. A cache of
   * other jars does no harm: the JVM sees that and starts without.
   */
  static Optional<Path> trainedCache(String classPath) {
    Path first = Path.of(classPath.split(File.pathSeparator, 2)[0]).toAbsolutePath();
    Path lib = first.getParent();
    if (lib == null || lib.getParent() == null || !first.toString().endsWith(".jar")) {
      return Optional.empty();
    }
    Path cache = lib.resolveSibling("node.aot");
    return cache.toFile().length() > 0 ? Optional.of(cache) : Optional.empty();
  }
}
