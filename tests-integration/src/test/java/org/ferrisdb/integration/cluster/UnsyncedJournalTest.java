package org.ferrisdb.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A power cut takes away what was not synced, and nothing else. */
class UnsyncedJournalTest {
  /** Decides that all is lost that can be. */
  private static final long ALL = seedOf(true);

  @TempDir static Path shared;
  private static FaultLibrary library;

  @TempDir Path dir;
  private Path root;
  private UnsyncedJournal journal;

  private static long seedOf(boolean all) {
    long seed = 0;
    while (new Random(seed).nextBoolean() != all) {
      seed++;
    }
    return seed;
  }

  @BeforeAll
  static void compile() {
    String why = FaultLibrary.unavailable().orElse("");
    Assumptions.assumeTrue(why.isEmpty(), why);
    library = FaultLibrary.compile(shared.resolve("library"));
  }

  @BeforeEach
  void begin() throws IOException {
    root = Files.createDirectories(dir.resolve("node/data"));
    journal = new UnsyncedJournal(dir.resolve("journal"), root);
  }

  private static Path classes() {
    try {
      return Path.of(
          UnsyncedScript.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** In a process of its own, which dies. */
  private void run(String... steps) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                classes().toString(),
                UnsyncedScript.class.getName(),
                root.toString()));
    command.addAll(List.of(steps));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    try (FaultLibrary.Control control = library.control(dir.resolve("control"))) {
      builder.environment().putAll(control.environment());
      builder.environment().putAll(journal.environment());
      Process process = builder.start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(said).isZero();
    }
  }

  /** Every file by its name, and what is in it. */
  private Map<String, String> files() {
    Map<String, String> all = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(root)) {
      walk.filter(Files::isRegularFile).forEach(f -> all.put(root.relativize(f) + "", text(f)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return all;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whatIsSyncedStaysAndTheRestIsLost() throws IOException, InterruptedException {
    run(
        "mkdir a",
        "append a/whole 123",
        "sync a/whole",
        "append a/tail 123",
        "sync a/tail",
        "append a/over 123",
        "sync a/over",
        "append a/cut 12345",
        "sync a/cut",
        "sync a",
        "sync .",
        "append a/tail 45",
        "append a/tail 67",
        "over a/over 98",
        "cut a/cut 2",
        "over a/cut 0",
        "append a/new 123",
        "sync a/new",
        "mkdir b",
        "append b/deep 123",
        "sync b/deep",
        "sync b",
        "append a/content 123",
        "sync a");
    assertThat(files()).hasSize(7);
    assertThat(journal.lose(new Random(ALL))).isEqualTo(Map.of("files", 4L, "names", 1L));
    assertThat(files())
        .isEqualTo(
            Map.of(
                "a/whole",
                "123",
                "a/tail",
                "123",
                "a/over",
                "123",
                "a/cut",
                "12345",
                "a/new",
                "123",
                "a/content",
                ""));
    assertThat(Files.exists(root.resolve("b"))).isFalse();
  }

  @Test
  void namesGoBackToWhatTheirDirectoryHadWhenItWasSynced()
      throws IOException, InterruptedException {
    run(
        "append moved 1",
        "sync moved",
        "append by 2",
        "sync by",
        "append replaced 3",
        "sync replaced",
        "append gone 4",
        "sync gone",
        "append lost 5",
        "sync lost",
        "sync .",
        "delete lost",
        "sync .",
        "append unnamed 6",
        "sync unnamed",
        "move moved elsewhere",
        "move by replaced",
        "delete gone",
        "link elsewhere also");
    assertThat(files().keySet())
        .contains("elsewhere", "replaced", "unnamed", "also")
        .doesNotContain("moved", "by", "gone", "lost");
    assertThat(journal.lose(new Random(ALL))).isEqualTo(Map.of("names", 5L));
    assertThat(files()).isEqualTo(Map.of("moved", "1", "by", "2", "replaced", "3", "gone", "4"));
  }

  @Test
  void aMoveIsDurableWithEitherOfItsDirectories() throws IOException, InterruptedException {
    run(
        "mkdir a",
        "mkdir b",
        "append a/1 1",
        "append a/2 2",
        "append a/3 3",
        "sync a/1",
        "sync a/2",
        "sync a/3",
        "sync a",
        "sync b",
        "sync .",
        "move a/1 b/1",
        "sync a",
        "move a/2 b/2",
        "sync b",
        "move a/3 b/3");
    journal.lose(new Random(ALL));
    assertThat(files()).isEqualTo(Map.of("b/1", "1", "b/2", "2", "a/3", "3"));
  }

  @Test
  void whatOneProcessLeftUnsyncedTheNextMaySyncOrLose() throws IOException, InterruptedException {
    run("append one 1", "append other 2", "sync .");
    journal.trim();
    run("append one 1", "sync one");
    journal.lose(new Random(ALL));
    assertThat(files()).isEqualTo(Map.of("one", "11", "other", ""));
    run("append other 3", "sync other");
    assertThat(journal.lose(new Random(ALL))).isEmpty();
    assertThat(files()).isEqualTo(Map.of("one", "11", "other", "3"));
  }

  @Test
  void someOfItMayHaveGotToTheDiskInTime() throws IOException, InterruptedException {
    run("append f 0", "sync f", "sync .", "append f 1", "append f 2", "append f 3");
    Path copy = Files.copy(dir.resolve("journal"), dir.resolve("copy"));
    TreeSet<String> seen = new TreeSet<>();
    for (long seed = 0; seed < 40; seed++) {
      Files.writeString(root.resolve("f"), "0123", StandardOpenOption.WRITE);
      Files.copy(copy, dir.resolve("journal"), StandardCopyOption.REPLACE_EXISTING);
      journal.lose(new Random(seed * 0x9E3779B97F4A7C15L));
      seen.add(text(root.resolve("f")));
    }
    assertThat(seen).containsExactly("0", "01", "012");
  }

  @Test
  void aRecordCutShortIsRemovedSoThatOthersMayFollow() throws IOException, InterruptedException {
    run("append f 1", "sync f", "sync .", "append f 2");
    Path file = dir.resolve("journal");
    long whole = Files.size(file);
    Files.write(file, new byte[] {48, 0, 0}, StandardOpenOption.APPEND);
    journal.trim();
    assertThat(Files.size(file)).isEqualTo(whole);
    run("append f 3");
    assertThat(files()).isEqualTo(Map.of("f", "123"));
    journal.lose(new Random(ALL));
    assertThat(files()).isEqualTo(Map.of("f", "1"));
  }

  @Test
  void logsOfTheNodeAreLeftAlone() throws IOException, InterruptedException {
    run("mkdir log", "sync .", "append log/node.log 1");
    assertThat(journal.lose(new Random(ALL))).isEmpty();
    assertThat(files()).isEqualTo(Map.of("log/node.log", "1"));
  }
}
