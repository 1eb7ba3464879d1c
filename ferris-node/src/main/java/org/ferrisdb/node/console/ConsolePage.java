package org.ferrisdb.node.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.ferrisdb.node.observe.HttpEndpoint.Body;
import org.ferrisdb.node.observe.HttpEndpoint.Resource;

/** The console's paths and their headers. Stateless. */
public final class ConsolePage {
  /**
   * The page may load and ask from its own node only, runs no script that is written into it, and
   * is shown in no other page.
   */
  static final Map<String, String> HEADERS =
      Map.of(
          "Content-Security-Policy",
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
              + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
          "Cache-Control",
          "no-store",
          "X-Content-Type-Options",
          "nosniff",
          "X-Frame-Options",
          "DENY",
          "Referrer-Policy",
          "no-referrer",
          "Cross-Origin-Resource-Policy",
          "same-origin",
          "Cross-Origin-Opener-Policy",
          "same-origin");

  private ConsolePage() {}

  /** Everything of the console that a node serves. */
  public static List<Resource> resources(ConsoleService service) {
    return List.of(
        file("/", "index.html", "text/html; charset=utf-8"),
        file("/console", "index.html", "text/html; charset=utf-8"),
        file("/console/console.css", "console.css", "text/css; charset=utf-8"),
        file("/console/console.js", "console.js", "text/javascript; charset=utf-8"),
        file("/console/charts.js", "charts.js", "text/javascript; charset=utf-8"),
        file("/console/format.js", "format.js", "text/javascript; charset=utf-8"),
        file("/console/icon.svg", "icon.svg", "image/svg+xml; charset=utf-8"),
        new Resource(
            "/console/data",
            "application/json; charset=utf-8",
            HEADERS,
            () -> {
              ConsoleService.Answer answer = service.answer();
              return new Body(answer.plain(), answer.gzip());
            }));
  }

  private static Resource file(String path, String name, String type) {
    byte[] bytes = read(name);
    return new Resource(path, type, HEADERS, () -> Body.of(bytes));
  }

  /**
   * Read once, at start: a node whose jar is replaced under it serves the page that it came with.
   */
  private static byte[] read(String name) {
    try (InputStream in = ConsolePage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("not in the jar: console/" + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
