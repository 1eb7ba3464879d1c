package org.ferrisdb.integration.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ferrisdb.client.Bytes.utf8;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.testkit.EmbeddedFerris;
import org.ferrisdb.testkit.FerrisTest;
import org.junit.jupiter.api.Test;

/** A dashboard that names a metric which is not there shows an empty panel, and nobody notices. */
@FerrisTest
class ObserveTest {
  private static final Pattern METRIC =
      Pattern.compile("\\b(?:ferris|jvm|process|system)_[a-z0-9_]+");
  private static final Pattern LABEL_VALUE = Pattern.compile("(\\w+)=\"([^\"]*)\"");
  private static final Pattern ALERT = Pattern.compile("(?m)^ +- alert: (\\w+)\\n +expr: (.+)$");

  @Test
  void everyMetricOfDashboardsAndAlertsExists(Ferris ferris, EmbeddedFerris cluster)
      throws IOException, InterruptedException {
    ferris.put(utf8("k"), utf8("v"));
    ferris.get(utf8("k"));
    String metrics = metrics(cluster.httpAddress("n1"));
    Set<String> known = new TreeSet<>();
    metrics
        .lines()
        .filter(l -> !l.startsWith("#"))
        .forEach(l -> known.add(l.replaceFirst("[{ ].*", "")));

    Map<String, String> expressions = expressions();
    assertThat(expressions).hasSizeGreaterThan(40);
    Set<String> missing = new LinkedHashSet<>();
    Set<String> named = new TreeSet<>();
    expressions.forEach((where, expression) -> {
      Matcher metric = METRIC.matcher(expression.replaceAll("\"[^\"]*\"", ""));
      while (metric.find()) {
        named.add(metric.group());
        if (!known.contains(metric.group())) {
          missing.add(where + ": " + metric.group());
        }
      }
    });
    assertThat(missing).as("metrics that no node has").isEmpty();
    assertThat(named).contains("ferris_ready", "ferris_requests_seconds_bucket");
  }

  @Test
  void everyLabelValueOfDashboardsAndAlertsExists(Ferris ferris, EmbeddedFerris cluster)
      throws IOException, InterruptedException {
    ferris.put(utf8("k"), utf8("v"));
    ferris.get(utf8("k"));
    String metrics = metrics(cluster.httpAddress("n1"));
    List<String> missing = new ArrayList<>();
    expressions()
        .forEach((where, expression) -> {
          Matcher label = LABEL_VALUE.matcher(expression.replaceAll("(?:!=|=~|!~)\"[^\"]*\"", ""));
          while (label.find()) {
            // The job is Prometheus's own.
            if (!label.group(1).equals("job") && !metrics.contains(label.group())) {
              missing.add(where + ": " + label.group());
            }
          }
        });
    assertThat(missing).as("label values that no node has").isEmpty();
  }

  @Test
  void everyNodeOfTheComposeFileIsScraped() throws IOException {
    String compose = Files.readString(root().resolve("deploy/docker-compose.yml"));
    String prometheus = Files.readString(root().resolve("deploy/observe/prometheus.yml"));
    Matcher names = Pattern.compile("FERRIS_NODE_NAME: (\\S+)").matcher(compose);
    List<String> nodes = names.results().map(m -> m.group(1)).toList();
    assertThat(nodes).containsExactly("n1", "n2", "n3");
    assertThat(nodes).allSatisfy(n -> assertThat(prometheus).contains('"' + n + ":7201\""));
  }

  private static String metrics(String address) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(URI.create("http://" + address + "/metrics")).build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  /** What is asked for, by where it is asked. */
  private static Map<String, String> expressions() throws IOException {
    Map<String, String> found = new LinkedHashMap<>();
    Path observe = root().resolve("deploy/observe");
    ALERT
        .matcher(Files.readString(observe.resolve("alerts.yml")))
        .results()
        .forEach(m -> found.put("alert " + m.group(1), m.group(2)));
    assertThat(found).hasSizeGreaterThan(10);
    try (Stream<Path> files = Files.list(observe.resolve("grafana/dashboards"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
        collect(
            file.getFileName().toString(),
            JsonParser.parseString(Files.readString(file)).getAsJsonObject(),
            found);
      }
    }
    return found;
  }

  private static void collect(String file, JsonObject dashboard, Map<String, String> found) {
    for (JsonElement panel : dashboard.getAsJsonArray("panels")) {
      String title = panel.getAsJsonObject().get("title").getAsString();
      int i = 0;
      for (JsonElement target : panel.getAsJsonObject().getAsJsonArray("targets")) {
        found.put(
            file + ", " + title + " " + ++i, target.getAsJsonObject().get("expr").getAsString());
      }
    }
  }

  private static Path root() {
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(directory.resolve("deploy"))) {
      directory = directory.getParent();
      if (directory == null) {
        throw new IllegalStateException("run this test inside of the repository");
      }
    }
    return directory;
  }
}
