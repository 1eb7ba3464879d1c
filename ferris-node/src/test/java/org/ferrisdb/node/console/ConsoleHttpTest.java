package org.ferrisdb.node.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.awaitility.Awaitility;
import org.ferrisdb.node.embedded.EmbeddedCluster;
import org.ferrisdb.node.server.FrontDoorListener;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a node's HTTP port serves of the console; the page itself is tested in a browser. */
class ConsoleHttpTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir private static Path directory;
  private static EmbeddedCluster cluster;

  @BeforeAll
  static void start() throws InterruptedException {
    cluster = new EmbeddedCluster(directory, 1, Map.of("cluster.shards", "2"));
    cluster.start().awaitReady(Duration.ofSeconds(30));
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/console",
        "/console/console.css",
        "/console/console.js",
        "/console/charts.js",
        "/console/format.js",
        "/console/icon.svg",
        "/console/data"
      })
  void everyPartHasTheHeadersThatKeepItToItself(String path) throws Exception {
    HttpResponse<String> response = send("GET", path);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isNotBlank();
    ConsolePage.HEADERS.forEach((name, value) ->
        assertThat(response.headers().allValues(name)).as(name).containsExactly(value));
    assertThat(response.headers().firstValue("Content-Security-Policy").orElseThrow())
        .startsWith("default-src 'none'")
        .doesNotContain("unsafe", "http", "*");
  }

  @Test
  void nothingIsLoadedFromElsewhereAndNothingIsInline() throws Exception {
    String page = send("GET", "/").body();
    assertThat(page).isEqualTo(send("GET", "/console").body());
    assertThat(Pattern.compile("(?:src|href)=\"([^\"]*)\"").matcher(page).results())
        .extracting(m -> m.group(1))
        .isNotEmpty()
        .allMatch(link -> link.startsWith("#") || link.matches("[a-z./]+"), "of this node");
    assertThat(page).doesNotContain("style=", "onclick", "onload", "<style");
    for (String part : List.of("console.css", "console.js", "charts.js", "format.js")) {
      assertThat(send("GET", "/console/" + part).body().replace("http://www.w3.org/2000/svg", ""))
          .as(part)
          .doesNotContain("innerHTML", "@import", "url(", "eval(", "https://")
          .doesNotContainPattern("http://(?!\\$\\{node)");
    }
  }

  @Test
  void itCanOnlyBeRead() throws Exception {
    for (String path : List.of("/", "/console/data", "/metrics")) {
      HttpResponse<String> head = send("HEAD", path);
      assertThat(head.statusCode()).isEqualTo(200);
      assertThat(head.body()).isEmpty();
      for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS", "TRACES")) {
        HttpResponse<String> response = send(method, path);
        assertThat(response.statusCode()).as(method + " " + path).isEqualTo(405);
        assertThat(response.headers().firstValue("Allow")).contains("GET, HEAD");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/console/",
        "/console/nothing",
        "/console/../status",
        "/console/console.js/x",
        "/index.html",
        "/console/%2e%2e/package-info.class",
        "/consoles"
      })
  void whatIsNotThereIsNotThere(String path) throws Exception {
    assertThat(send("GET", path).statusCode()).isEqualTo(404);
  }

  @Test
  void theDataIsTheClustersAndComesCompressedToWhoTakesThat() throws Exception {
    JsonObject data = JsonParser.parseString(send("GET", "/console/data").body()).getAsJsonObject();
    assertThat(data.get("node").getAsString()).isEqualTo("n1");
    assertThat(data.getAsJsonObject("health").get("state").getAsString()).isEqualTo("HEALTHY");
    assertThat(data.getAsJsonArray("shards")).hasSize(3);
    // The node looks twice a second, and what was gathered before it looked is good for two.
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() ->
            assertThat(send("GET", "/console/data").body())
                .contains("n1 started with cluster.shards \\u003d 2", "n1 leads "));

    for (String accepted : List.of("identity", "gzip;q=0", "br, xgzip", "gzip; q=0.0, br")) {
      var plain =
          HTTP.send(
              request("/console/data").header("Accept-Encoding", accepted).build(),
              BodyHandlers.ofString());
      assertThat(plain.body()).as(accepted).startsWith("{\"format\":1,");
    }
    HttpResponse<byte[]> packed =
        HTTP.send(
            request("/console/data").header("Accept-Encoding", "br, gzip;q=0.9").build(),
            BodyHandlers.ofByteArray());
    assertThat(packed.headers().firstValue("Content-Encoding")).contains("gzip");
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(packed.body()))) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
          .startsWith("{\"format\":1,");
    }
  }

  @Test
  void aNodeTellsWhatIsNewSinceACursor() {
    AtomicLong wall = new AtomicLong(1_700_000_000_000L);
    var node = cluster.node("n1").view();
    NodeActivity activity =
        new NodeActivity(node, node.config(), FrontDoorListener.NONE, wall::get);
    activity.look();
    ActivityReport first = activity.since(ActivityCursor.START);
    assertThat(first.slots()).isEmpty();
    assertThat(first.events())
        .extracting(Event::text)
        .startsWith("n1 started with cluster.shards = 2");

    for (int slot = 0; slot < 2 * TrafficSlot.KEPT; slot++) {
      wall.addAndGet(TrafficSlot.MILLIS);
      activity.look();
    }
    ActivityReport second = activity.since(cursor(first));
    assertThat(second.slots()).hasSize(TrafficSlot.KEPT);
    assertThat(second.events()).isEmpty();
    assertThat(activity.since(cursor(second)).slots()).isEmpty();
    assertThat(activity.since(new ActivityCursor(1, Long.MAX_VALUE, Long.MAX_VALUE)).events())
        .as("a cursor of an earlier process")
        .isEqualTo(first.events());

    wall.addAndGet(-10 * TrafficSlot.MILLIS);
    activity.look();
    assertThat(activity.since(cursor(second)).slots()).as("who saw the later time").isNotEmpty();
    assertThat(activity.since(ActivityCursor.START).slots())
        .as("a clock that was set back leaves the ring in order")
        .extracting(TrafficSlot::slot)
        .isSorted()
        .doesNotHaveDuplicates();
  }

  private static ActivityCursor cursor(ActivityReport report) {
    long slot = report.slots().isEmpty() ? 0 : report.slots().getLast().slot();
    return new ActivityCursor(report.startedMillis(), slot, report.eventsEver());
  }

  private static HttpResponse<String> send(String method, String path) throws Exception {
    return HTTP.send(
        request(path).method(method, BodyPublishers.noBody()).build(), BodyHandlers.ofString());
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + cluster.httpPort("n1") + path));
  }
}
