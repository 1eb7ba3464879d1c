package org.ferrisdb.benchmarks.peers.ignite;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.ignite.Ignite;
import org.apache.ignite.IgniteServer;
import org.apache.ignite.InitParameters;
import org.apache.ignite.lang.IgniteException;

/**
 * An Ignite 3 server: {@code IgniteServerMain NAME CONFIG DIRECTORY [NAMES]}. Runs until it is
 * killed. The one that gets the names of all servers makes them a cluster, and creates the table.
 */
public final class IgniteServerMain {
  private static final Duration ALL_HERE = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(200);

  private IgniteServerMain() {}

  /** See the class. */
  public static void main(String[] args) throws Exception {
    Path dir = Files.createDirectories(Path.of(args[2]));
    IgniteServer server = IgniteServer.builder(args[0], Path.of(args[1]), dir).build();
    server.start();
    var _ = server.waitForInitAsync(); // a server joins its cluster when somebody asks for that
    if (args.length > 3) {
      List<String> names = List.of(args[3].split(",", -1));
      initialize(server, names);
      createTable(server.api(), names.size());
    }
    Thread.currentThread().join();
  }

  /** Fails until all of them have found each other. */
  private static void initialize(IgniteServer server, List<String> names)
      throws InterruptedException {
    InitParameters cluster =
        InitParameters.builder()
            .clusterName("race")
            .metaStorageNodeNames(names)
            .cmgNodeNames(names)
            .build();
    long deadline = System.nanoTime() + ALL_HERE.toNanos();
    while (true) {
      try {
        server.initCluster(cluster);
        return;
      } catch (IgniteException e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
        Thread.sleep(POLL);
      }
    }
  }

  /** Every replica on a server of its own, partitions as many as Ignite thinks right. */
  private static void createTable(Ignite ignite, int replicas) throws InterruptedException {
    long deadline = System.nanoTime() + ALL_HERE.toNanos();
    while (ignite.cluster().nodes().size() < replicas) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "only " + ignite.cluster().nodes().size() + " servers joined");
      }
      Thread.sleep(POLL);
    }
    execute(ignite, "CREATE ZONE race (REPLICAS " + replicas + ") STORAGE PROFILES ['default']");
    execute(
        ignite,
        "CREATE TABLE "
            + IgniteStoreFactory.TABLE
            + " (k VARBINARY PRIMARY KEY, v VARBINARY) ZONE race");
  }

  private static void execute(Ignite ignite, String statement) {
    ignite.sql().execute(null, statement).close();
  }
}
