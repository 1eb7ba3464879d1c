package org.ferrisdb.integration.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTest {
  @TempDir Path directory;

  @Test
  void whatIsWrittenIsReadAgain() throws IOException {
    Results results = Samples.everything();
    results.write(directory);
    assertThat(Results.read(directory)).contains(results);
  }

  @Test
  void theCellsThatAreMissingAreKnownAfterACrash() throws IOException {
    Samples.everything().write(directory);
    assertThat(Results.read(directory).orElseThrow().missing())
        .containsExactly(
            new Cell("clock-step", 7),
            new Cell("disk-full", 8),
            new Cell("kill-all", 8),
            new Cell("clock-step", 8));
  }

  @Test
  void aDirectoryWithoutResultsHasNone() throws IOException {
    assertThat(Results.read(directory)).isEmpty();
  }

  @Test
  void aDamagedFileIsNamed() throws IOException {
    for (String damaged : new String[] {"{", "[]", "{\"schema\": 99}", ""}) {
      Files.writeString(Results.file(directory), damaged);
      assertThatThrownBy(() -> Results.read(directory))
          .as(damaged)
          .isInstanceOf(TortureException.class)
          .hasMessageContaining("results.json");
    }
  }

  @Test
  void theCommandOfACellRepeatsIt() {
    TortureSettings settings = Samples.settings("none", "kill-one");
    assertThat(settings.command(new Cell("kill-one", 8)))
        .isEqualTo(
            "./ferris torture --faults kill-one --workload register,set --seed 8 --seconds 60");
    assertThat(settings.command())
        .isEqualTo(
            "./ferris torture --faults none,kill-one --workload register,set --seed 7 --seeds 2"
                + " --seconds 60");
  }

  @Test
  void eachPurposeOfACellHasRandomNumbersOfItsOwn() {
    Cell cell = new Cell("kill-one", 7);
    assertThat(cell.seedOf("register")).isEqualTo(new Cell("kill-one", 7).seedOf("register"));
    assertThat(cell.seedOf("register")).isNotEqualTo(cell.seedOf("set"));
    assertThat(cell.seedOf("register")).isNotEqualTo(new Cell("kill-one", 8).seedOf("register"));
    assertThat(cell.seedOf("register")).isNotEqualTo(new Cell("kill-all", 7).seedOf("register"));
  }
}
