package org.ferrisdb.benchmarks.cluster;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.ferrisdb.benchmarks.cluster.Contestant.RunningCluster;
import org.jspecify.annotations.Nullable;

/**
 * Server processes that end with this one: killed when closed (at Ctrl-C by the race's shutdown
 * hook), and by a small shell process that watches this one when it is killed itself. Used by one
 * thread, except that {@link #close} may come from another.
 */
final class ServerProcesses implements RunningCluster {
  /** Ignite takes the longest: its servers listen to clients when they are a cluster. */
  private static final Duration LISTEN = Duration.ofSeconds(90);

  private static final Duration POLL = Duration.ofMillis(50);

  private final List<String> endpoints = new ArrayList<>();
  private final List<Process> processes = new ArrayList<>();
  private final List<Path> logs = new ArrayList<>();
  private @Nullable Process watchdog;

  /** Starts one more; what it prints goes to {@code dir/NAME.log}. */
  synchronized void start(String name, List<String> command, Path dir, int clientPort) {
    try {
      Files.createDirectories(dir);
      Path log = dir.resolve(name + ".log");
      processes.add(
          new ProcessBuilder(command)
              .directory(dir.toFile())
              .redirectInput(new File("/dev/null"))
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start());
      logs.add(log);
      endpoints.add("127.0.0.1:" + clientPort);
    } catch (IOException e) {
      close();
      throw new RaceException(
          name + " can not be started: " + e.getMessage(), "see " + command.getFirst(), e);
    }
  }

  /** Waits until all listen on their client ports, and has them watched over from then on. */
  ServerProcesses awaitListening() {
    watch();
    long deadline = System.nanoTime() + LISTEN.toNanos();
    for (int i = 0; i < endpoints.size(); i++) {
      int port = Integer.parseInt(endpoints.get(i).substring("127.0.0.1:".length()));
      while (!listens(port)) {
        boolean late = System.nanoTime() > deadline;
        if (late || !processes.get(i).isAlive()) {
          String words = lastWords(logs.get(i));
          close();
          throw new RaceException(
              "server " + (i + 1) + (late ? " does not listen: " : " has ended: ") + words,
              "read " + logs.get(i));
        }
        LockSupport.parkNanos(POLL.toNanos());
      }
    }
    return this;
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static String lastWords(Path log) {
    try {
      List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
      return lines.isEmpty() ? "(it said nothing)" : lines.getLast();
    } catch (IOException e) {
      return "(it said nothing)";
    }
  }

  private synchronized void watch() {
    String pids = pids().stream().map(String::valueOf).collect(Collectors.joining(" "));
    String script =
        "while kill -0 "
            + ProcessHandle.current().pid()
            + " 2>/dev/null; do sleep 1; done; kill -9 "
            + pids;
    try {
      watchdog =
          new ProcessBuilder("setsid", "sh", "-c", script)
              .redirectInput(new File("/dev/null"))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      watchdog = null; // no setsid here: what is left are close and the hook
    }
  }

  @Override
  public List<String> endpoints() {
    return List.copyOf(endpoints);
  }

  @Override
  public synchronized List<Long> pids() {
    return processes.stream().map(Process::pid).toList();
  }

  @Override
  public synchronized void close() {
    if (watchdog != null) {
      watchdog.destroyForcibly();
    }
    processes.forEach(Process::destroyForcibly);
    for (Process p : processes) {
      try {
        p.waitFor(10, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
