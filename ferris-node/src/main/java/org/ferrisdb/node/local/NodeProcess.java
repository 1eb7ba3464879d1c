package org.ferrisdb.node.local;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * The process of one node: started, found again through its pid file, signalled. Holds no state of
 * its own besides paths, so instances in several processes agree. Thread-safe; starting the same
 * node from two threads at once is the caller's mistake.
 */
public final class NodeProcess {
  /** A millisecond each; a process that has ended and is not collected yet never has one again. */
  private static final int COMMAND_LINE_LOOKS = 50;

  private static final Duration STOP_PATIENCE = Duration.ofSeconds(2);

  /** Clock adjustments shift the start time the system tells by a little. */
  private static final long START_TOLERANCE_MILLIS = 2_000;

  private static final String MAIN_CLASS = "org.ferrisdb.node.cli.FerrisCli";

  private final String name;
  private final NodePorts ports;
  private final Path dir;

  NodeProcess(String name, NodePorts ports, Path dir) {
    this.name = name;
    this.ports = ports;
    this.dir = dir;
  }

  /** n1, n2, ... */
  public String name() {
    return name;
  }

  /** Where it listens. */
  public NodePorts ports() {
    return ports;
  }

  /** Its data directory. */
  public Path dataDir() {
    return dir.resolve("data");
  }

  /** What it printed. */
  public Path consoleLog() {
    return dir.resolve("console.log");
  }

  Path configFile() {
    return dir.resolve("node.conf");
  }

  private Path pidFile() {
    return dir.resolve("pid");
  }

  /** Its process, if it runs. */
  public Optional<ProcessHandle> handle() {
    String[] parts;
    try {
      parts = Files.readString(pidFile(), StandardCharsets.US_ASCII).strip().split(" ", 2);
    } catch (IOException e) {
      return Optional.empty();
    }
    try {
      long started = parts.length == 2 ? Long.parseLong(parts[1]) : 0;
      return ProcessHandle.of(Long.parseLong(parts[0])).filter(p -> isThisNode(p, started));
    } catch (NumberFormatException e) {
      return Optional.empty(); // torn by a crash: as good as no pid file
    }
  }

  /** Whether its process is alive (perhaps paused). */
  public boolean isRunning() {
    return handle().isPresent();
  }

  private boolean isThisNode(ProcessHandle process, long startedMillis) {
    if (!process.isAlive()) {
      return false;
    }
    boolean sameStart =
        process
            .info()
            .startInstant()
            .map(t -> Math.abs(t.toEpochMilli() - startedMillis) <= START_TOLERANCE_MILLIS)
            .orElse(true);
    return sameStart && commandLineNamesConfig(process.pid());
  }

  /**
   * ProcessHandle cuts long command lines off, so this looks for itself where there is a /proc. For
   * a moment after its start a process has none: the old one is gone, the new one not there yet.
   */
  private boolean commandLineNamesConfig(long pid) {
    Path file = Path.of("/proc", Long.toString(pid), "cmdline");
    try {
      byte[] line = Files.readAllBytes(file);
      for (int look = 0; line.length == 0 && look < COMMAND_LINE_LOOKS; look++) {
        LockSupport.parkNanos(1_000_000);
        line = Files.readAllBytes(file);
      }
      return new String(line, StandardCharsets.UTF_8).contains(configFile().toString());
    } catch (IOException e) {
      return !Files.isDirectory(Path.of("/proc/self"));
    }
  }

  /**
   * Starts it.
   *
   * @throws LocalClusterException if one of its ports is taken
   */
  void start(LocalClusterSpec spec, String config) {
    for (int port : ports.all()) {
      if (!NodePorts.isFreeSoon(port)) {
        throw new LocalClusterException(
            "port " + port + " of node " + name + " is in use by another program",
            "stop it, or create the cluster with another --port and --dir");
      }
    }
    try {
      Files.createDirectories(dir);
      Files.writeString(configFile(), config, StandardCharsets.UTF_8);
      ProcessBuilder builder =
          new ProcessBuilder(command(spec))
              .directory(dir.toFile())
              .redirectInput(new File("/dev/null"))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.to(consoleLog().toFile()));
      // The configuration file says it all; settings of the caller's environment would override it.
      builder.environment().keySet().removeIf(k -> k.startsWith("FERRIS_"));
      builder.environment().putAll(spec.environmentOf(name));
      Process process = builder.start();
      long started =
          process
              .info()
              .startInstant()
              .map(t -> t.toEpochMilli())
              .orElse(System.currentTimeMillis());
      Path temporary = dir.resolve("pid.new");
      Files.writeString(temporary, process.pid() + " " + started + "\n");
      Files.move(temporary, pidFile(), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new LocalClusterException(
          "node " + name + " can not be started: " + e.getMessage(), "see " + dir, e);
    }
  }

  private List<String> command(LocalClusterSpec spec) {
    List<String> command = new ArrayList<>();
    for (String setsid : List.of("/usr/bin/setsid", "/bin/setsid")) {
      if (command.isEmpty() && Files.isExecutable(Path.of(setsid))) {
        command.add(setsid); // replaces itself by the JVM: the process id stays
      }
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JvmOptions.forNode(name, spec.jvmOptions()));
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(MAIN_CLASS);
    command.add("node");
    command.add("--config");
    command.add(configFile().toString());
    spec.ownerPid()
        .ifPresent(pid -> {
          command.add("--owner-pid");
          command.add(Long.toString(pid));
        });
    return command;
  }

  /**
   * Ends it the friendly way (SIGTERM: leaderships are handed over), the other way after the time.
   *
   * @return whether it ran
   */
  public boolean stop(Duration patience) {
    Optional<ProcessHandle> process = handle();
    process.ifPresent(p -> {
      signal(p.pid(), "CONT"); // a paused process would never see the SIGTERM
      p.destroy();
      if (!awaitExit(p, patience)) {
        p.destroyForcibly();
        awaitExit(p, Duration.ofSeconds(10));
      }
    });
    deletePidFile();
    return process.isPresent();
  }

  /**
   * Ends it with SIGKILL: no warning, no last words.
   *
   * @return whether it ran
   */
  public boolean kill() {
    Optional<ProcessHandle> process = handle();
    process.ifPresent(p -> {
      p.destroyForcibly();
      awaitExit(p, Duration.ofSeconds(10));
    });
    deletePidFile();
    return process.isPresent();
  }

  /** Stops it in mid-air (SIGSTOP), and returns when it stands; its sockets stay open. */
  public void pause() {
    handle()
        .ifPresent(p -> {
          signal(p.pid(), "STOP");
          awaitStopped(p.pid());
        });
  }

  /**
   * A signal is taken by one thread first, and the others stop when it tells them, moments later:
   * the process goes on for so long. Where /proc does not say, nobody waits.
   */
  private static void awaitStopped(long pid) {
    long deadline = System.nanoTime() + STOP_PATIENCE.toNanos();
    Path stat = Path.of("/proc", Long.toString(pid), "stat");
    while (Files.exists(stat) && System.nanoTime() - deadline < 0) {
      try {
        if (Files.readString(stat).contains(") T ")) {
          return;
        }
      } catch (IOException e) {
        return; // it ended just now
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** Lets a paused one go on. */
  public void resume() {
    handle().ifPresent(p -> signal(p.pid(), "CONT"));
  }

  private static boolean awaitExit(ProcessHandle process, Duration patience) {
    try {
      process.onExit().get(patience.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void signal(long pid, String signal) {
    try {
      new ProcessBuilder("kill", "-" + signal, Long.toString(pid))
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void deletePidFile() {
    try {
      Files.deleteIfExists(pidFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The last line that it printed, or else the last error that it logged, for messages; empty if
   * there is none.
   */
  public String lastWords() {
    String printed = lastLine(consoleLog(), "");
    if (!printed.isEmpty()) {
      return printed;
    }
    try (Stream<Path> logs = Files.list(dataDir().resolve("log"))) {
      return logs.filter(f -> f.toString().endsWith(".log"))
          .map(f -> lastLine(f, "level=ERROR"))
          .filter(l -> !l.isEmpty())
          .findFirst()
          .orElse("");
    } catch (IOException e) {
      return "";
    }
  }

  private static String lastLine(Path file, String with) {
    try {
      List<String> lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
      for (int i = lines.size() - 1; i >= 0; i--) {
        String line = lines.get(i);
        if (!line.isBlank() && !line.startsWith("\tat ") && line.contains(with)) {
          return line.strip();
        }
      }
      return "";
    } catch (IOException e) {
      return "";
    }
  }
}
