package org.ferrisdb.integration.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Other programs: mount, gcc, docker. */
final class Commands {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /**
   * How one ended.
   *
   * @param status its exit status; -1 if there is no such program, or it did not end in time
   * @param output what it printed, errors included, stripped
   */
  record Result(int status, String output) {
    boolean ok() {
      return status == 0;
    }

    /** The last line it printed, for messages. */
    String lastLine() {
      return output.substring(output.lastIndexOf('\n') + 1);
    }
  }

  private Commands() {}

  /** Runs one to its end. */
  static Result run(String... command) {
    return run(Map.of(), List.of(command));
  }

  /** The same with more variables in its environment. */
  static Result run(Map<String, String> environment, List<String> command) {
    try {
      Path output = Files.createTempFile("command", ".out");
      try {
        ProcessBuilder builder =
            new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
          process.destroyForcibly();
          return new Result(-1, command + " did not end in " + PATIENCE.toSeconds() + " s");
        }
        return new Result(
            process.exitValue(), Files.readString(output, StandardCharsets.UTF_8).strip());
      } finally {
        Files.delete(output);
      }
    } catch (IOException e) {
      return new Result(-1, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Result(-1, "interrupted");
    }
  }

  /** Runs one that must succeed; returns what it printed. */
  static String require(String... command) {
    Result result = run(command);
    if (!result.ok()) {
      throw new UncheckedIOException(
          new IOException(String.join(" ", command) + ": " + result.output()));
    }
    return result.output();
  }

  /** Whether this process may do what only root may. */
  static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }
}
