package org.ferrisdb.node.local;

import java.util.ArrayList;
import java.util.List;
import org.ferrisdb.node.NodeJvm;

/** How JVMs of local nodes are started. */
final class JvmOptions {
  /** Further options for local nodes, separated by blanks; they come last, so they win. */
  static final String ENVIRONMENT = "FERRIS_NODE_JAVA_OPTS";

  /** Three nodes should fit on a laptop beside other things. */
  private static final int HEAP_MB = 512;

  private static final int DIRECT_MB = 256;

  private JvmOptions() {}

  static List<String> forNodes() {
    List<String> options = new ArrayList<>(NodeJvm.flags(HEAP_MB, DIRECT_MB));
    String more = System.getenv(ENVIRONMENT);
    if (more != null && !more.isBlank()) {
      options.addAll(List.of(more.strip().split("\\s+", -1)));
    }
    return options;
  }
}
