package org.ferrisdb.integration.containers;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The image of the nodes under test, built once for a JVM from the jars that Maven just made. */
final class NodeImage {
  /** Not the name that people use, so that a test never replaces the image of a running cluster. */
  static final String TAG = "ferrisdb:test";

  private static final String VARIABLE = "FERRIS_CONTAINER_TESTS";

  private static boolean tried;
  private static Optional<String> problem = Optional.empty();

  private NodeImage() {}

  /** The repository. */
  static Path root() {
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(directory.resolve("deploy"))) {
      directory = directory.getParent();
      if (directory == null) {
        throw new IllegalStateException("run this test inside of the repository");
      }
    }
    return directory;
  }

  /** Why there is no image, in one line; nothing if there is one. */
  static synchronized Optional<String> problem() {
    if (!tried) {
      tried = true;
      problem = build();
    }
    return problem;
  }

  private static Optional<String> build() {
    if (wish().equals("no")) {
      return Optional.of(VARIABLE + "=no");
    }
    Result docker = run(Map.of(), "docker", "version", "--format", "{{.Server.Version}}");
    if (docker.status() != 0) {
      return Optional.of("no Docker daemon answers: " + docker.lastLine());
    }
    Optional<String> stale = staleJars();
    if (stale.isPresent()) {
      return stale;
    }
    Result built =
        run(
            Map.of("FERRIS_IMAGE_BUILT", "yes"),
            root().resolve("deploy/build-image").toString(),
            TAG);
    System.out.println(built.output().strip());
    return built.status() == 0
        ? Optional.empty()
        : Optional.of("deploy/build-image failed: " + built.lastLine());
  }

  /**
   * {@code mvn test} compiles but makes no jars: an image would be of an earlier build. By content,
   * for a jar that would come out the same is not made again.
   */
  private static Optional<String> staleJars() {
    Path target = root().resolve("ferris-node/target");
    Path classes = target.resolve("classes");
    try (Stream<Path> jars = Files.list(target.resolve("dist/lib"));
        Stream<Path> compiled = Files.walk(classes)) {
      Path jar =
          jars.filter(j -> j.getFileName().toString().startsWith("ferris-node-"))
              .findFirst()
              .orElseThrow(() -> new NoSuchFileException("ferris-node-*.jar"));
      try (JarFile packed = new JarFile(jar.toFile())) {
        for (Path file : compiled.filter(Files::isRegularFile).toList()) {
          if (!isIn(packed, classes.relativize(file).toString(), file)) {
            return Optional.of(jar + " is not of what is in " + classes + ": package first");
          }
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of("there are no jars yet (" + e + "): package first");
    }
  }

  private static boolean isIn(JarFile jar, String name, Path file) throws IOException {
    JarEntry entry = jar.getJarEntry(name);
    if (entry == null || entry.getSize() != Files.size(file)) {
      return false;
    }
    try (InputStream in = jar.getInputStream(entry)) {
      return Arrays.equals(in.readAllBytes(), Files.readAllBytes(file));
    }
  }

  private static String wish() {
    return System.getenv().getOrDefault(VARIABLE, "auto");
  }

  /**
   * How a command ended.
   *
   * @param status its exit status; 127: there is none of that name
   * @param output standard output and standard error
   */
  record Result(int status, String output) {
    String lastLine() {
      return output.strip().lines().reduce("", (first, second) -> second);
    }
  }

  /** Runs a command to its end. */
  static Result run(Map<String, String> environment, String... command) {
    try {
      ProcessBuilder builder = new ProcessBuilder(List.of(command)).redirectErrorStream(true);
      builder.environment().putAll(environment);
      Process process = builder.start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Result(process.waitFor(), output);
    } catch (IOException e) {
      return new Result(127, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Result(130, "interrupted");
    }
  }

  /** Skips a class where there can be no image, or fails it where containers are required. */
  static final class Condition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      Optional<String> why = problem();
      if (why.isEmpty()) {
        return ConditionEvaluationResult.enabled("the image " + TAG + " is there");
      }
      String line = "container tests can not run: " + why.get();
      if (wish().equals("required")) {
        throw new IllegalStateException(line + " (and " + VARIABLE + "=required)");
      }
      System.out.println(context.getDisplayName() + " skipped: " + line);
      return ConditionEvaluationResult.disabled(line);
    }
  }
}
