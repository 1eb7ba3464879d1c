package org.ferrisdb.node.observe;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.ferrisdb.node.config.HostPort;

/**
 * Metrics, health and status over HTTP.
 *
 * <pre>
 *   GET /metrics        Prometheus text
 *   GET /health/live    200 as long as the process can answer
 *   GET /health/ready   200 if the node serves, else 503 with the reason
 *   GET /status         JSON
 * </pre>
 */
public final class HttpEndpoint implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * Binds the address and serves.
   *
   * @param address where
   * @param metrics Prometheus text
   * @param notReady why the node does not serve, empty if it does
   * @param status JSON
   */
  public HttpEndpoint(
      HostPort address,
      Supplier<String> metrics,
      Supplier<String> notReady,
      Supplier<String> status)
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
    server.createContext("/", x -> answer(x, "/", 404, "text/plain", () -> "not here\n"));
    server.createContext(
        "/metrics",
        x -> answer(x, "/metrics", 200, "text/plain; version=0.0.4; charset=utf-8", metrics));
    server.createContext(
        "/health/live", x -> answer(x, "/health/live", 200, "text/plain", () -> "live\n"));
    server.createContext(
        "/health/ready",
        x -> {
          String reason = notReady.get();
          answer(
              x,
              "/health/ready",
              reason.isEmpty() ? 200 : 503,
              "text/plain",
              () -> (reason.isEmpty() ? "ready" : reason) + "\n");
        });
    server.createContext(
        "/status", x -> answer(x, "/status", 200, "application/json", () -> status.get() + "\n"));
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

  private static void answer(
      HttpExchange exchange, String path, int code, String type, Supplier<String> body)
      throws IOException {
    try (exchange) {
      String method = exchange.getRequestMethod();
      boolean head = method.equals("HEAD");
      int status = code;
      byte[] bytes;
      if (!head && !method.equals("GET")) {
        status = 405;
        bytes = "only GET\n".getBytes(StandardCharsets.UTF_8);
      } else if (!path.equals("/") && !exchange.getRequestURI().getPath().equals(path)) {
        status = 404;
        bytes = "not here\n".getBytes(StandardCharsets.UTF_8);
      } else {
        bytes = body.get().getBytes(StandardCharsets.UTF_8);
      }
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange.sendResponseHeaders(status, head ? -1 : bytes.length);
      if (!head) {
        exchange.getResponseBody().write(bytes);
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
