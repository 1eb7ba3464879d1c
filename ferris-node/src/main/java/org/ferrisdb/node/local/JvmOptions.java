package org.ferrisdb.node.local;

import java.util.ArrayList;
import java.util.List;

/** How JVMs of local nodes are started. */
final class JvmOptions {
  /** Further options for local nodes, separated by blanks. */
  static final String ENVIRONMENT = "FERRIS_NODE_JAVA_OPTS";

  private JvmOptions() {}

  /**
   * Half a gigabyte of heap each, so that three nodes fit on a laptop beside other things. A node
   * out of memory is a dead node: its peers go on, and a restart is quicker than an agony.
   */
  static List<String> forNodes() {
    List<String> options =
        new ArrayList<>(
            List.of(
                "-Xms64m",
                "-Xmx512m",
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:+UseG1GC",
                "-Xshare:auto",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
    String more = System.getenv(ENVIRONMENT);
    if (more != null && !more.isBlank()) {
      options.addAll(List.of(more.strip().split("\\s+", -1)));
    }
    return options;
  }
}
