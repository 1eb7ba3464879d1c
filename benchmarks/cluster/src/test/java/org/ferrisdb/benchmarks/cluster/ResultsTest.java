package org.ferrisdb.benchmarks.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.ferrisdb.benchmarks.cluster.Results.Run;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTest {
  @TempDir Path dir;

  @Test
  void whatIsWrittenIsReadAgain() {
    Results results = Samples.results();
    results.write(dir);
    assertThat(Results.read(dir)).contains(results);
    assertThat(Results.read(dir.resolve("nothing"))).isEmpty();
  }

  @Test
  void theJsonHasTheNamesThatItsDescriptionShows() throws IOException {
    Samples.results().write(dir);
    JsonObject json = JsonParser.parseString(Files.readString(Results.file(dir))).getAsJsonObject();
    assertThat(json.get("schema").getAsString()).isEqualTo("ferrisdb-race/1");
    JsonObject run = json.getAsJsonArray("runs").get(0).getAsJsonObject();
    assertThat(run.keySet())
        .contains("contestant", "repetition", "beganMillis", "fsyncsPerSecond", "failure", "cells");
    JsonObject cell = run.getAsJsonArray("cells").get(0).getAsJsonObject();
    assertThat(cell.get("cell").getAsString()).isEqualTo("put-16");
    assertThat(cell.get("opsPerSecond").getAsDouble()).isEqualTo(4_000);
    assertThat(cell.keySet())
        .contains("p50Millis", "p99Millis", "p999Millis", "serverCpuMicros", "clientCpuMicros");
  }

  @Test
  void aFileOfAnotherSchemaOrBrokenIsRefusedByName() throws IOException {
    Files.writeString(Results.file(dir), "{\"schema\": \"something/2\"}");
    assertThatThrownBy(() -> Results.read(dir))
        .hasMessageContaining("results.json is not of ferrisdb-race/1");
    Files.writeString(Results.file(dir), "{\"schema\": ");
    assertThatThrownBy(() -> Results.read(dir)).hasMessageContaining("can not be read");
  }

  @Test
  void aFailedRunIsMissingUntilItIsRunAgainAndThenReplaced() {
    Results results = Samples.results();
    Run failed = new Run("zookeeper", 2, 0, 1, 0, "no server", List.of());
    Results withFailure = results.with(failed);
    assertThat(withFailure.has("zookeeper", 2)).isFalse();
    Results again = withFailure.with(new Run("zookeeper", 2, 0, 1, 0, "", List.of()));
    assertThat(again.has("zookeeper", 2)).isTrue();
    assertThat(again.runs()).hasSize(results.runs().size() + 1);
  }
}
