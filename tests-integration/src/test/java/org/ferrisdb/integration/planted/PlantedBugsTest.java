package org.ferrisdb.integration.planted;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.ferrisdb.integration.nemesis.Nemeses;
import org.ferrisdb.integration.nemesis.Nemesis;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.storage.testing.Mutant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PlantedBugsTest {
  @TempDir Path dir;

  static Stream<PlantedBug> bugs() {
    return PlantedBugs.all().stream();
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void everyBugStillFitsTheSource(PlantedBug bug) throws IOException {
    bug.mutant().compile(Mutant.repository(), dir, System.getProperty("java.class.path"));
    try (Stream<Path> classes = Files.walk(dir)) {
      assertThat(classes.filter(p -> p.toString().endsWith(".class"))).isNotEmpty();
    }
    assertThat(bug.fault())
        .isIn(Stream.concat(Stream.of("none"), Nemeses.all().stream().map(Nemesis::name)).toList());
  }

  @Test
  void aScanWithoutATimestampIsFoundOnARealCluster() throws IOException {
    Run run = run("--bugs", "scan-without-timestamp", "--tries", "3", "--out", dir.toString());
    assertThat(run.status()).as(run.out() + run.err()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).contains("found by scan under none after");
    assertThat(Files.readString(dir.resolve("table.md"))).contains("| scan | none |");
  }

  @Test
  void aWrongNameListsTheRightOnes() {
    Run run = run("--bugs", "millennium");
    assertThat(run.status()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err())
        .startsWith(
            "ferris planted: there is no bug 'millennium'; there are no-lease, ratis-reads");
  }

  @Test
  void noTriesAreRefused() {
    assertThat(run("--tries", "0").status()).isEqualTo(ExitCode.USAGE);
    assertThat(run("--tries", "many").status()).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void theTableTellsWhatWasNotFoundToo() {
    PlantedBug bug =
        new PlantedBug(Mutant.of("b", "a bug", "m", "C", "x", "y"), "register", "kill-one", 20);
    assertThat(
            PlantedCommand.table(
                List.of(
                    new Detection(bug, true, 2, 75, "stale read: a | b\nmore"),
                    new Detection(bug, false, 5, 300, "every verdict was right"))))
        .isEqualTo(
            """
            | bug | workload | fault | seconds | tries | what was found |
            |---|---|---|---:|---:|---|
            | a bug | register | kill-one | 75 | 2 | stale read: a \\| b |
            | a bug | register | kill-one | 300 | 5 | NOT FOUND: every verdict was right |
            """);
  }

  private record Run(int status, String out, String err) {}

  private static Run run(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    CliContext context =
        CliContext.plain(
            InputStream.nullInputStream(),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            Map.of());
    int status = PlantedCommand.run(List.of(args), Mutant.repository(), context);
    return new Run(
        status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}
