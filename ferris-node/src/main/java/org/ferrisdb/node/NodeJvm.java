package org.ferrisdb.node;

import java.util.List;

/** How the JVM of a node is to be started. */
public final class NodeJvm {
  private static final int DEFAULT_HEAP_MB = 512;
  private static final int DEFAULT_DIRECT_MB = 256;

  private NodeJvm() {}

  /**
   * The options.
   *
   * <ul>
   *   <li>Parallel GC: on two cores its pauses (a few ms at this heap) are well below the lease,
   *       and it takes the least CPU of the collectors; G1's concurrent threads would compete with
   *       the loops.
   *   <li>The common pool gets four threads: on two cores it has one, and {@code CompletableFuture}
   *       then starts a thread a task.
   *   <li>The JVM's compilers run at a low priority (nice 10, which needs no privilege): for its
   *       first minutes a node compiles what it runs, and on two cores that takes half of them from
   *       the requests. With it the slowest put in a thousand took half to a quarter of the time
   *       meanwhile, and throughput was a tenth to a quarter higher.
   *   <li>Until the optimizing compiler has time for it, a method runs with counters only (tier 2)
   *       instead of a full profile (tier 3): a backlog of minutes is the rule here, and profiled
   *       code takes about twice the CPU. Throughput of the first minutes was a fifth higher.
   *   <li>Out of memory ends the process: peers go on, and a restart is quicker than an agony.
   * </ul>
   *
   * @param heapMb largest heap
   * @param directMb largest direct memory: network buffers and Raft logs' write buffers
   */
  public static List<String> flags(int heapMb, int directMb) {
    return List.of(
        "-Xms" + Math.min(heapMb, 128) + "m",
        "-Xmx" + heapMb + "m",
        "-XX:MaxDirectMemorySize=" + directMb + "m",
        "-XX:+UseParallelGC",
        "-XX:ThreadPriorityPolicy=1",
        "-XX:CompilerThreadPriority=10",
        "-XX:Tier3DelayOn=0",
        "-XX:Tier3DelayOff=0",
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:-UsePerfData",
        "-Djava.util.concurrent.ForkJoinPool.common.parallelism=4",
        "--sun-misc-unsafe-memory-access=allow",
        "--enable-native-access=ALL-UNNAMED");
  }

  /**
   * To be added for a node that lives for a minute or so, in a demo or a test: compiles everything
   * once and simply. In its first half minute such a node does about twice as much; what optimizing
   * would bring, only later.
   */
  public static List<String> shortLived() {
    return List.of("-XX:TieredStopAtLevel=1");
  }

  /** Prints the options, one a line, for scripts that start nodes: deploy/build-image. */
  public static void main(String[] args) {
    flags(DEFAULT_HEAP_MB, DEFAULT_DIRECT_MB).forEach(System.out::println);
  }
}
