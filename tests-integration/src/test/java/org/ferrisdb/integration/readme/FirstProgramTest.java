package org.ferrisdb.integration.readme;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ferrisdb.integration.cluster.ClusterUnderTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Takes the Java program out of README.md as it stands there; only the ports are replaced. */
class FirstProgramTest {
  @Test
  void programInTheReadmeCompilesAndRuns(@TempDir Path directory) throws Exception {
    String readme = Files.readString(root().resolve("README.md"));
    Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(readme);
    assertThat(block.find()).as("a java block in README.md").isTrue();
    try (ClusterUnderTest cluster = ClusterUnderTest.start(4)) {
      String program =
          block
              .group(1)
              .replaceAll(
                  "ferris://[0-9.:,]+", Matcher.quoteReplacement(cluster.processes().url()));
      Path source = directory.resolve("FirstProgram.java");
      Files.writeString(source, program);
      Process java =
          new ProcessBuilder(
                  List.of(
                      Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                      "--sun-misc-unsafe-memory-access=allow",
                      "--enable-native-access=ALL-UNNAMED",
                      "-cp",
                      System.getProperty("java.class.path"),
                      source.toString()))
              .redirectErrorStream(true)
              .start();
      String output = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(java.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(output).contains("city/lyon = 522250\ncity/paris = 2113705\n");
      assertThat(java.exitValue()).isZero();
      cluster.passed();
    }
  }

  private static Path root() {
    Path here = Path.of("").toAbsolutePath();
    return Files.exists(here.resolve("README.md")) ? here : here.resolve("..").normalize();
  }
}
