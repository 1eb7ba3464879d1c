package org.ferrisdb.node.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a person at a shell sees when there is no cluster. */
class FerrisCliTest {
  @TempDir private Path dir;

  private record Run(int exitCode, String out, String err) {}

  private Run run(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    CliContext context =
        CliContext.plain(
            new ByteArrayInputStream(new byte[0]),
            new PrintStream(out, true, UTF_8),
            new PrintStream(err, true, UTF_8),
            Map.of("FERRIS_DIR", dir.toString()));
    int exitCode = FerrisCli.run(args, context);
    return new Run(exitCode, out.toString(UTF_8), err.toString(UTF_8));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          2 | get                         | ferris get: Missing required parameter: 'KEY'; see ./ferris help get
          2 | get a b                     | ferris get: Unmatched argument at index 2: 'b'; see ./ferris help get
          2 | get --nope a                | ferris get: Unknown option: '--nope'; see ./ferris help get
          2 | nope                        | ferris: Unmatched argument at index 0: 'nope'; ./ferris --help lists the commands
          2 | put a                       | ferris put: needs either a VALUE or --file; see ./ferris help put
          2 | put -e a\\\\q b             | ferris put: 'a\\\\q' has a backslash that begins none of \\\\t \\\\n \\\\r \\\\\\\\ \\\\xHH; write a backslash as \\\\\\\\, or leave --escaped out
          2 | get --url 10.0.0.1:7001 a   | ferris get: cluster URI
          2 | status --url ferris://h:x   | ferris status: cluster URI "ferris://h:x": the port of "h:x" is not a number from 1 to 65535
          2 | status --url ferris://h?n=1 | ferris status: cluster URI "ferris://h?n=1": "?n=1" is not known, only ?network=NAME is
          2 | status --watch 0            | ferris status: --watch must be 0.1 to 3600; it is in seconds; 1 is the default
          2 | get --deadline 0 a          | ferris get: --deadline must be above 0 and at most 300; it is in seconds
          2 | cas a b                     | ferris cas: needs KEY OLD NEW, or KEY NEW with one of --absent and --if-version; see ./ferris help cas
          2 | scan --prefix a --from b    | ferris scan: --prefix does not go with --from and --to; use one or the other
          2 | import /nowhere.tsv         | ferris import: there is no file /nowhere.tsv
          2 | import /                    | ferris import: / is a directory; name a file
          2 | put --file / a              | ferris put: / is a directory; name a file
          2 | bench fly                   | ferris bench: there is no workload fly; there are put, get, ycsb-a, ycsb-b, ycsb-c, ycsb-e
          2 | up --set no.such=1          | ferris up: there is no setting no.such; see ./ferris help node
          1 | down                        | ferris down: there is no local cluster in
          1 | kill n1                     | ferris kill: there is no local cluster in
          2 | node --config /nowhere.conf | ferris node: configuration file /nowhere.conf does not exist
          2 | demo --seconds 1            | ferris demo: --seconds must be 6 or more
          """)
  void aMistakeIsAnsweredWithOneLineAndAHint(int exitCode, String line, String message) {
    Run run = run(line.strip().replace("\\\\", "\\").split(" ", -1));
    assertThat(run.err()).startsWith(message.replace("\\\\", "\\")).endsWith("\n");
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.exitCode()).isEqualTo(exitCode);
    assertThat(run.out()).isEmpty();
  }

  @Test
  void withoutAClusterACommandFailsSoonAndSaysWhatToDo() throws IOException {
    String url = "ferris://127.0.0.1:" + closedPort();
    long began = System.nanoTime();
    Run run = run("get", "--url", url, "a");
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
    assertThat(run.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.err()).startsWith("ferris get: ").contains(url.substring(9));
    assertThat(run("get", "--url", url, "a", "--debug").err()).contains("\tat org.ferrisdb");
  }

  @Test
  void failuresAreJsonToWhoAsksForJson() throws IOException {
    Run run = run("put", "--url", "ferris://127.0.0.1:" + closedPort(), "-o", "json", "a", "b");
    assertThat(JsonParser.parseString(run.err()).getAsJsonObject().get("exitCode").getAsInt())
        .isEqualTo(ExitCode.UNAVAILABLE);
  }

  @Test
  void statusWithoutAnyNodeIsUnreachable() throws IOException {
    String url = "ferris://127.0.0.1:" + closedPort();
    Run run = run("status", "--url", url);
    assertThat(run.exitCode()).isEqualTo(ExitCode.NO);
    assertThat(run.out())
        .startsWith("UNREACHABLE  No node answers: ")
        .contains("(connection refused)");
    Run json = run("status", "--url", url, "-o", "json");
    assertThat(JsonParser.parseString(json.out()).getAsJsonObject().get("state").getAsString())
        .isEqualTo("UNREACHABLE");
  }

  @Test
  void statusTakesTheNetworkOfTheUrlAsTheClientLibraryDoes() throws IOException {
    Run run = run("status", "--url", "ferris://127.0.0.1:" + closedPort() + "?network=outside");
    assertThat(run.out()).startsWith("UNREACHABLE  No node answers: ");
  }

  @Test
  void upRefusesToTurnAClusterIntoAnother() throws IOException {
    Files.writeString(
        dir.resolve("cluster.properties"), "shards = 4\nn1 = 7001 7101 7201\n", UTF_8);
    Run run = run("up", "--nodes", "5");
    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err())
        .contains("was created with --nodes 1 --shards 4 --port 7001")
        .contains("use another --dir");
  }

  @Test
  void nodeListsItsSettings() {
    assertThat(run("node", "--settings").out()).contains("cluster.seeds (FERRIS_CLUSTER_SEEDS)");
  }

  private static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
