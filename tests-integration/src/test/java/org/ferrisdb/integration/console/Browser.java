package org.ferrisdb.integration.console;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Headless Chromium with a profile of its own, driven through chromedriver. Not thread-safe. */
final class Browser implements AutoCloseable {
  private static final Gson GSON = new Gson();
  private static final Pattern STARTED = Pattern.compile("started successfully on port (\\d+)");

  /** Chromium itself must ask nobody for anything either: no updates, no telemetry. */
  private static final List<String> ARGUMENTS =
      List.of(
          "--headless",
          "--no-sandbox",
          "--disable-gpu",
          "--disable-quic",
          "--no-first-run",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync",
          "--disable-dev-shm-usage",
          "--window-size=1320,1400");

  private final HttpClient http = HttpClient.newHttpClient();
  private final Process driver;
  private final Path profile;
  private final URI session;

  private Browser(Process driver, int port, Path chromium) throws IOException {
    this.driver = driver;
    this.profile = Files.createTempDirectory("ferris-browser-");
    List<String> arguments = new ArrayList<>(ARGUMENTS);
    arguments.add("--user-data-dir=" + profile);
    Map<String, Object> capabilities =
        Map.of(
            "browserName",
            "chrome",
            "goog:chromeOptions",
            Map.of("binary", chromium.toString(), "args", arguments),
            "goog:loggingPrefs",
            Map.of("browser", "ALL", "performance", "ALL"));
    URI sessions = URI.create("http://127.0.0.1:" + port + "/session");
    JsonElement made =
        call(
            "POST",
            sessions,
            Map.of("capabilities", Map.of("alwaysMatch", capabilities)),
            Duration.ofMinutes(1));
    session = URI.create(sessions + "/" + made.getAsJsonObject().get("sessionId").getAsString());
  }

  /** Why there can be no browser here; empty if there can. */
  static Optional<String> missing() {
    if (find("chromedriver").isEmpty()) {
      return Optional.of("no chromedriver on PATH (Debian: apt-get install chromium-driver)");
    }
    return find("chromium").isEmpty()
        ? Optional.of("no chromium on PATH (Debian: apt-get install chromium)")
        : Optional.empty();
  }

  /** Starts one. */
  static Browser start() {
    try {
      Process driver =
          new ProcessBuilder(find("chromedriver").orElseThrow().toString(), "--port=0")
              .redirectErrorStream(true)
              .start();
      try {
        return new Browser(driver, port(driver), find("chromium").orElseThrow());
      } catch (IOException | RuntimeException e) {
        end(driver);
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<Path> find(String command) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
        .map(directory -> Path.of(directory, command))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static int port(Process driver) throws IOException {
    BufferedReader output = driver.inputReader(StandardCharsets.UTF_8);
    StringBuilder seen = new StringBuilder();
    String line = output.readLine();
    while (line != null) {
      Matcher started = STARTED.matcher(line);
      if (started.find()) {
        // Somebody has to read on, or the driver stops when the pipe is full.
        var _ = Thread.ofVirtual().start(() -> readOn(output));
        return Integer.parseInt(started.group(1));
      }
      seen.append(line).append('\n');
      line = output.readLine();
    }
    throw new IOException("chromedriver ended: " + seen);
  }

  private static void readOn(BufferedReader output) {
    try (output) {
      while (output.readLine() != null) {
        // It says nothing of use.
      }
    } catch (IOException e) {
      // The driver was ended.
    }
  }

  void open(String url) {
    post("/url", Map.of("url", url));
  }

  /** What a script returns, as JSON. The page's policy does not hold for it. */
  JsonElement run(String script) {
    return post("/execute/sync", Map.of("script", script, "args", List.of()));
  }

  /** The visible text of the first element. */
  String text(String selector) {
    return run("return document.querySelector(" + GSON.toJson(selector) + ")?.innerText ?? ''")
        .getAsString();
  }

  int count(String selector) {
    return run("return document.querySelectorAll(" + GSON.toJson(selector) + ").length").getAsInt();
  }

  /** Presses a key, as WebDriver names it, in whatever has the focus. */
  void press(String key) {
    Map<String, Object> keys =
        Map.of(
            "type",
            "key",
            "id",
            "keyboard",
            "actions",
            List.of(
                Map.of("type", "keyDown", "value", key), Map.of("type", "keyUp", "value", key)));
    post("/actions", Map.of("actions", List.of(keys)));
  }

  /** A command of the DevTools protocol. */
  JsonElement devTools(String command, Map<String, Object> parameters) {
    return post("/goog/cdp/execute", Map.of("cmd", command, "params", parameters));
  }

  /** Errors and warnings of the page's console since this was asked last. */
  List<String> complaints() {
    return log("browser").stream()
        .filter(entry -> !entry.get("level").getAsString().matches("INFO|DEBUG|FINE.*"))
        .map(entry -> entry.get("message").getAsString())
        .toList();
  }

  /** Where pages sent requests to since this was asked last, but for the browser's own pages. */
  List<String> requests() {
    return log("performance").stream()
        .map(entry -> JsonParser.parseString(entry.get("message").getAsString()))
        .map(message -> message.getAsJsonObject().getAsJsonObject("message"))
        .filter(message -> message.get("method").getAsString().equals("Network.requestWillBeSent"))
        .map(message -> message.getAsJsonObject("params"))
        .filter(params -> !params.get("documentURL").getAsString().startsWith("chrome:"))
        .map(params -> params.getAsJsonObject("request").get("url").getAsString())
        .toList();
  }

  private List<JsonObject> log(String type) {
    return post("/se/log", Map.of("type", type)).getAsJsonArray().asList().stream()
        .map(JsonElement::getAsJsonObject)
        .toList();
  }

  /** What is to be seen, as PNG. */
  void screenshot(Path file) {
    byte[] png = Base64.getDecoder().decode(call("GET", "/screenshot", null).getAsString());
    try {
      Files.createDirectories(file.getParent());
      Files.write(file, png);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private JsonElement post(String path, Object body) {
    return call("POST", path, body);
  }

  private JsonElement call(String method, String path, @Nullable Object body) {
    return call(method, URI.create(session + path), body, Duration.ofSeconds(30));
  }

  private JsonElement call(String method, URI uri, @Nullable Object body, Duration timeout) {
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .timeout(timeout)
            .method(
                method,
                body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(GSON.toJson(body)))
            .build();
    try {
      var response = http.send(request, BodyHandlers.ofString());
      JsonElement value = JsonParser.parseString(response.body()).getAsJsonObject().get("value");
      if (response.statusCode() != 200) {
        throw new IllegalStateException(method + " " + uri + ": " + value);
      }
      return value;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    try {
      call("DELETE", "", null);
    } finally {
      end(driver);
      http.close();
      deleteTree(profile);
    }
  }

  private static void end(Process driver) {
    driver.descendants().forEach(ProcessHandle::destroyForcibly);
    driver.destroyForcibly();
  }

  private static void deleteTree(Path directory) {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException | UncheckedIOException e) {
      // Chromium's last helper still writes; it is the system's temporary directory.
      System.out.println("left behind: " + directory);
    }
  }
}
