package org.ferrisdb.node.observe;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.ferrisdb.node.config.HostPort;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Metrics, health, status and the console over HTTP, to be read only.
 *
 * <pre>
 *   GET /               the console, see org.ferrisdb.node.console
 *   GET /metrics        Prometheus text
 *   GET /health/live    200 as long as the process can answer
 *   GET /health/ready   200 if the node serves, else 503 with the reason
 *   GET /status         JSON
 * </pre>
 */
public final class HttpEndpoint implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("ferris.http");
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final Pattern ACCEPTS_GZIP =
      Pattern.compile("(?:^|[ ,])gzip(?!\\s*;\\s*q=0(?:\\.0*)?(?:[, ]|$))(?:[ ,;]|$)");

  /**
   * Something to be got.
   *
   * @param path exactly this one
   * @param type its Content-Type
   * @param headers more headers
   * @param body asked for with every request; may block
   */
  public record Resource(
      String path, String type, Map<String, String> headers, Supplier<Body> body) {}

  /**
   * What is sent.
   *
   * @param status HTTP status
   * @param plain the bytes
   * @param gzip the same compressed, for who takes that; null if there is nothing to gain
   */
  public record Body(int status, byte[] plain, byte @Nullable [] gzip) {
    /** With status 200. */
    public Body(byte[] plain, byte[] gzip) {
      this(200, plain, gzip);
    }

    /** Sent as it is, with status 200. */
    public static Body of(byte[] plain) {
      return new Body(200, plain, null);
    }

    static Body of(int status, String text) {
      return new Body(status, text.getBytes(StandardCharsets.UTF_8), null);
    }
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * Binds the address and serves.
   *
   * @param address where
   * @param metrics Prometheus text
   * @param notReady why the node does not serve, empty if it does
   * @param status JSON
   * @param more what else there is
   */
  public HttpEndpoint(
      HostPort address,
      Supplier<String> metrics,
      Supplier<String> notReady,
      Supplier<String> status,
      List<Resource> more)
      throws IOException {
    // The JDK's server has its limits in system properties; without them a slow client is held for
    // ever.
    setIfAbsent("jdk.httpserver.maxConnections", "64");
    setIfAbsent("sun.net.httpserver.maxReqTime", "10");
    setIfAbsent("sun.net.httpserver.maxRspTime", "30");
    try {
      server = HttpServer.create(address.resolve(), 16);
    } catch (IOException e) {
      throw new IOException(
          "can not listen on " + address + " (http.listen): " + e.getMessage(), e);
    }
    server.setExecutor(threads);
    serve(
        "/metrics", "text/plain; version=0.0.4; charset=utf-8", () -> Body.of(200, metrics.get()));
    serve("/health/live", TEXT, () -> Body.of(200, "live\n"));
    serve(
        "/health/ready",
        TEXT,
        () -> {
          String reason = notReady.get();
          return reason.isEmpty() ? Body.of(200, "ready\n") : Body.of(503, reason + "\n");
        });
    serve("/status", "application/json", () -> Body.of(200, status.get() + "\n"));
    more.forEach(this::serve);
    if (more.stream().noneMatch(r -> r.path().equals("/"))) {
      serve("/", TEXT, () -> Body.of(404, "not here\n"));
    }
    server.start();
  }

  private static void setIfAbsent(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  /** The port it really has. */
  public int port() {
    return server.getAddress().getPort();
  }

  private void serve(String path, String type, Supplier<Body> body) {
    serve(new Resource(path, type, Map.of("X-Content-Type-Options", "nosniff"), body));
  }

  private void serve(Resource resource) {
    server.createContext(resource.path(), exchange -> answer(exchange, resource));
  }

  private static void answer(HttpExchange exchange, Resource resource) throws IOException {
    try (exchange) {
      var headers = exchange.getResponseHeaders();
      resource.headers().forEach(headers::set);
      String method = exchange.getRequestMethod();
      if (!method.equals("GET") && !method.equals("HEAD")) {
        headers.set("Allow", "GET, HEAD");
        send(exchange, TEXT, Body.of(405, "only GET and HEAD\n"));
      } else if (!resource.path().equals(exchange.getRequestURI().getPath())) {
        // The server gives a context everything below its path.
        send(exchange, TEXT, Body.of(404, "not here\n"));
      } else {
        Body body;
        try {
          body = resource.body().get();
        } catch (RuntimeException e) {
          LOG.atWarn().addKeyValue("path", resource.path()).setCause(e).log("request failed");
          send(exchange, TEXT, Body.of(500, "this node could not answer; its log says why\n"));
          return;
        }
        send(exchange, resource.type(), body);
      }
    }
  }

  private static void send(HttpExchange exchange, String type, Body body) throws IOException {
    byte[] bytes = body.plain();
    byte[] gzip = body.gzip();
    String accepted = exchange.getRequestHeaders().getFirst("Accept-Encoding");
    if (gzip != null && accepted != null && ACCEPTS_GZIP.matcher(accepted).find()) {
      bytes = gzip;
      exchange.getResponseHeaders().set("Content-Encoding", "gzip");
    }
    if (gzip != null) {
      exchange.getResponseHeaders().set("Vary", "Accept-Encoding");
    }
    exchange.getResponseHeaders().set("Content-Type", type);
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", Integer.toString(bytes.length));
      exchange.sendResponseHeaders(body.status(), -1);
    } else {
      exchange.sendResponseHeaders(body.status(), bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
