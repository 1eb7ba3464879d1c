package org.ferrisdb.node;

import java.io.IOException;
import java.nio.file.Files;
import java.security.Security;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.ferrisdb.node.config.ConfigKey;
import org.ferrisdb.node.config.NodeConfig;
import org.ferrisdb.node.config.Setting;
import org.ferrisdb.node.observe.Logging;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A process that is a node: log, signals, and the end that errors deserve. */
final class NodeProcessMain {
  private static final Logger LOG = LoggerFactory.getLogger("ferris.node");

  /** The exit status after a failure that only a restart or an operator can heal (EX_SOFTWARE). */
  private static final int FAILED = 70;

  private NodeProcessMain() {}

  /**
   * Runs until the process is told to stop (SIGTERM, SIGINT) or can not go on; returns the exit
   * status.
   */
  static int run(NodeConfig config) {
    try {
      Files.createDirectories(config.dataDir().resolve("log"));
    } catch (IOException e) {
      LOG.error("data.dir = {} can not be used: {}", config.dataDir(), e.toString());
      return FAILED;
    }
    Logging.toDirectory(config.dataDir().resolve("log"), config.logLevel(), config.logConsole());
    // A peer that comes back in another container has another address under its name.
    Security.setProperty("networkaddress.cache.ttl", "3");
    Security.setProperty("networkaddress.cache.negative.ttl", "1");
    Thread.setDefaultUncaughtExceptionHandler(NodeProcessMain::uncaught);
    logSettings(config);
    CountDownLatch over = new CountDownLatch(1);
    AtomicInteger status = new AtomicInteger();
    FerrisNode node;
    try {
      node =
          FerrisNode.start(
              config,
              failure -> {
                haltIfHopeless(failure);
                status.set(FAILED);
                over.countDown();
              });
    } catch (IOException | RuntimeException e) {
      LOG.error("the node can not start: {}", e.getMessage(), e);
      return FAILED;
    }
    Thread hook =
        new Thread(
            () -> {
              LOG.info("stopping");
              node.close();
              LOG.info("stopped");
            },
            "ferris-shutdown");
    Runtime.getRuntime().addShutdownHook(hook);
    LOG.atInfo()
        .addKeyValue("name", config.name())
        .addKeyValue("id", node.self().id())
        .addKeyValue("client", node.self().clientAddress())
        .addKeyValue("raft", node.self().raftAddress())
        .addKeyValue("http", node.self().httpAddress())
        .addKeyValue("pid", ProcessHandle.current().pid())
        .log("started; {}", node.view().memory().describe());
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    node.close();
    return status.get();
  }

  private static void logSettings(NodeConfig config) {
    for (ConfigKey k : ConfigKey.values()) {
      Setting s = config.settings().get(k);
      if (s != null) {
        LOG.atInfo()
            .addKeyValue("key", k.key())
            .addKeyValue("value", s.value())
            .addKeyValue("source", s.source())
            .log("setting");
      }
    }
  }

  private static void uncaught(Thread thread, Throwable failure) {
    haltIfHopeless(failure);
    LOG.error("uncaught in thread {}", thread.getName(), failure);
  }

  /**
   * After an error of the JVM, or a broken promise of our own, nothing this process says can be
   * relied on: it ends at once, its peers go on, and a restart recovers from disk.
   */
  private static void haltIfHopeless(Throwable failure) {
    if (failure instanceof VirtualMachineError || failure instanceof AssertionError) {
      try {
        LOG.error("halting: {}", failure.toString(), failure);
      } finally {
        Runtime.getRuntime().halt(FAILED);
      }
    }
  }
}
