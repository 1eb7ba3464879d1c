package org.ferrisdb.node;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.ferrisdb.node.config.HostPort;

/**
 * Asks a node on this machine whether it serves, and ends with status 0 if it does: the health
 * check of a container, in which there is neither a shell nor curl. Uses nothing but the JDK's
 * oldest classes, so that it takes a few hundredths of a second of CPU.
 */
public final class ReadyProbe {
  private static final String VARIABLE = "FERRIS_HTTP_LISTEN";
  private static final String DEFAULT_ADDRESS = "127.0.0.1:7201";
  private static final int TIMEOUT_MILLIS = 3_000;
  private static final int LONGEST_ANSWER_BYTES = 4_096;

  private ReadyProbe() {}

  /** Prints what the node says and ends the process: 0 if it serves, else 1. */
  public static void main(String[] args) {
    String said;
    boolean ready = false;
    try {
      HostPort address = addressOf(System.getenv());
      String answer = ask(address);
      ready = isReady(answer);
      said = answer.substring(answer.lastIndexOf("\r\n") + 2).strip();
    } catch (IOException e) {
      said = "no answer: " + e.getMessage();
    }
    System.out.println(said);
    System.exit(ready ? 0 : 1);
  }

  /** Where the node serves HTTP, read from the same environment as the node reads it. */
  static HostPort addressOf(Map<String, String> environment) {
    return HostPort.parse(environment.getOrDefault(VARIABLE, DEFAULT_ADDRESS).strip());
  }

  /** Whether an HTTP answer is 200. */
  static boolean isReady(String answer) {
    return answer.startsWith("HTTP/1.1 200 ");
  }

  private static String ask(HostPort address) throws IOException {
    InetAddress host = InetAddress.getAllByName(address.host())[0];
    InetAddress target = host.isAnyLocalAddress() ? InetAddress.getLoopbackAddress() : host;
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(target, address.port()), TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket
          .getOutputStream()
          .write(
              "GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      return new String(in.readNBytes(LONGEST_ANSWER_BYTES), StandardCharsets.UTF_8);
    }
  }
}
