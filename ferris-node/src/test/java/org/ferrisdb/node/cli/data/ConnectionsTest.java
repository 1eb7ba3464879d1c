package org.ferrisdb.node.cli.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.client.FerrisOptions;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.CliException;
import org.ferrisdb.node.cli.CliHost;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.node.cli.FerrisCli;
import org.junit.jupiter.api.Test;

/** How long commands wait for a node, and what they say of one that does not answer. */
class ConnectionsTest {
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final List<FerrisOptions> asked = new ArrayList<>();

  private CliContext context() {
    return CliContext.plain(
        new ByteArrayInputStream(new byte[0]),
        new PrintStream(new ByteArrayOutputStream(), true, UTF_8),
        new PrintStream(err, true, UTF_8),
        Map.of());
  }

  /** Connects to nothing, and notes how it was to. */
  private final class NotingHost implements CliHost {
    @Override
    public Ferris connect(String url, FerrisOptions options) {
      asked.add(options);
      throw new CliException(ExitCode.NO, "not here", "look elsewhere");
    }

    @Override
    public <T> T onTerminal(TerminalTask<T> task) {
      throw new AssertionError("nobody needs a terminal");
    }

    @Override
    public String program() {
      return "ferris ";
    }

    @Override
    public String call() {
      return "./ferris ";
    }
  }

  private FerrisOptions askedBy(String... args) {
    CliContext plain = context();
    CliContext noting =
        new CliContext(
            plain.in(),
            plain.out(),
            plain.err(),
            plain.environment(),
            false,
            false,
            false,
            new NotingHost());
    assertThat(FerrisCli.run(args, noting)).isEqualTo(ExitCode.NO);
    return asked.getLast();
  }

  @Test
  void a_node_that_is_slow_has_as_long_to_connect_as_a_call_may_take() {
    assertThat(askedBy("get", "k").connectTimeout()).isEqualTo(Duration.ofSeconds(10));
    assertThat(askedBy("put", "k", "v", "--deadline", "25").connectTimeout())
        .isEqualTo(Duration.ofSeconds(25));
  }

  @Test
  void a_command_that_retries_for_long_does_not_connect_for_long() {
    FerrisOptions options = askedBy("import", "-");
    assertThat(options.deadline()).isEqualTo(Duration.ofSeconds(60));
    assertThat(options.connectTimeout()).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void a_node_that_says_nothing_is_told_of_in_one_line() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String node = "127.0.0.1:" + silent.getLocalPort();
      String[] args = {"get", "k", "--deadline", "0.4", "--url", "ferris://" + node};

      assertThat(FerrisCli.run(args, context())).isEqualTo(ExitCode.UNAVAILABLE);

      assertThat(err.toString(UTF_8))
          .isEqualTo(
              "ferris get: no cluster reached within 400 ms: %s no answer: a node that starts or has too much to do needs longer: try again, or with a longer time to connect [FER-CONNECT]\n"
                  .formatted(node));
    }
  }
}
