package org.ferrisdb.node.cli.shell;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.client.FerrisOptions;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.CliException;
import org.ferrisdb.node.cli.CliHost;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.node.cli.FerrisCli;
import org.ferrisdb.node.embedded.EmbeddedCluster;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedString;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The shell before a person and before a script, with a cluster of one node. */
@Timeout(120)
class ShellTest {
  private static final String STUCK_URL = "ferris://stuck:7001";
  private static final String CTRL_C = "\u0003";
  private static final String CTRL_D = "\u0004";

  @TempDir private static Path data;
  private static EmbeddedCluster cluster;

  @TempDir private Path dir;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final CountDownLatch stuck = new CountDownLatch(1);

  @BeforeAll
  static void startCluster() throws InterruptedException {
    cluster =
        new EmbeddedCluster(data, 1, Map.of("cluster.shards", "2", "disk.reserve", "1m"))
            .start()
            .awaitReady(Duration.ofSeconds(60));
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
  }

  /** Lends a terminal of the test's; who connects to "stuck" waits until interrupted. */
  private final class TestHost implements CliHost {
    private final Terminal terminal;

    TestHost(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Ferris connect(String url, FerrisOptions options) {
      if (!url.equals(STUCK_URL)) {
        return Ferris.connect(url, options);
      }
      stuck.countDown();
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        throw new CliException(ExitCode.NO, "woken up", "");
      }
      throw new AssertionError();
    }

    @Override
    public <T> T onTerminal(TerminalTask<T> task) throws IOException, InterruptedException {
      return task.run(terminal);
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

  private int script(String text, String... options) {
    String[] args = new String[options.length + 1];
    args[0] = "shell";
    System.arraycopy(options, 0, args, 1, options.length);
    CliContext context =
        CliContext.plain(
            new ByteArrayInputStream(text.getBytes(UTF_8)),
            new PrintStream(out, true, UTF_8),
            new PrintStream(err, true, UTF_8),
            Map.of("FERRIS_URL", cluster.url(), "FERRIS_DIR", dir.toString()));
    return FerrisCli.run(args, context);
  }

  private String printed() {
    return out.toString(UTF_8);
  }

  @Test
  void aScriptRunsLineByLineAndPrintsWhatTheCommandsPrint() {
    int status =
        script(
            """
            # cities
            put script/paris '2 102 650'
            put script/lyon "first line
            second line"
            get script/paris
            scan --prefix script/
            exit
            get script/never
            """);
    assertThat(status).isZero();
    assertThat(err.toString(UTF_8)).isEmpty();
    assertThat(printed().replaceAll("version \\d+", "version N"))
        .isEqualTo(
            """
            ok, version N
            ok, version N
            2 102 650
            script/lyon\tfirst line\\nsecond line
            script/paris\t2 102 650
            """);
  }

  @Test
  void aScriptEndsAtTheFirstCommandThatFailsWithItsStatus() {
    assertThat(script("get nothing/here\nput not/run x\n")).isEqualTo(ExitCode.NO);
    assertThat(err.toString(UTF_8))
        .isEqualTo(
            """
            get: key nothing/here has no value
            ferris shell: line 1 ended with status 1, so the rest is not run; --keep-going runs it
            """);
    assertThat(script("get not/run")).isEqualTo(ExitCode.NO);
  }

  @Test
  void aScriptGoesOnIfItIsToldToAndRemembersTheFirstFailure() {
    assertThat(script("gett a\nput kept/going x\nget nothing/here\n", "--keep-going"))
        .isEqualTo(ExitCode.USAGE);
    assertThat(err.toString(UTF_8))
        .isEqualTo(
            """
            gett: there is no such command; help lists the commands
            get: key nothing/here has no value
            """);
    assertThat(printed()).startsWith("ok, version ");
  }

  @Test
  void mistakesOfAScriptAreToldInALineEach() {
    assertThat(script("\nput a 'b\n\n")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString(UTF_8)).isEqualTo("ferris shell: line 2: the closing ' is missing\n");
    err.reset();
    script("put a\nput --file - a\nget -x a\nnode\n", "--keep-going");
    assertThat(err.toString(UTF_8))
        .isEqualTo(
            """
            put: needs either a VALUE or --file; see help put
            put: standard input belongs to the shell, name a file or run the command by itself
            get: Unknown option: '-x'; see help get
            node: not inside of the shell; run ./ferris node
            """);
  }

  @Test
  void aScriptWithoutAClusterEndsSoonWithTheStatusForThat() throws IOException {
    int closed;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = socket.getLocalPort();
    }
    assertThat(script("get a\n", "--url", "ferris://127.0.0.1:" + closed))
        .isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(script("help\n", "--url", "ferris://127.0.0.1:" + closed)).isZero();
    assertThat(script("help\n", "--url", "nowhere")).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void helpFitsATerminalAndKnowsEveryCommandOfTheShell() {
    script("help\nhelp put\nhelp history\nhelp exit\nhelp help\n");
    assertThat(printed().lines()).allSatisfy(l -> assertThat(l.length()).isLessThan(81));
    assertThat(printed())
        .contains("  cas  ", "  quit  ", "Usage: put [-ehV]", "Usage: history [-hV] [N]");
    assertThat(script("help fly\n")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString(UTF_8)).startsWith("help: there is no command fly\n");
  }

  /** A person at a terminal that is not there. */
  private final class Person implements AutoCloseable {
    private final PipedOutputStream keyboard = new PipedOutputStream();
    private final Terminal terminal;
    private final CompletableFuture<Integer> shell;
    private int from;

    Person(Map<String, String> environment) throws IOException {
      out.reset();
      terminal =
          TerminalBuilder.builder()
              .system(false)
              .streams(new PipedInputStream(keyboard), out)
              .type("xterm-256color")
              .encoding(UTF_8)
              .build();
      terminal.setSize(Size.of(120, 40));
      Map<String, String> all =
          new HashMap<>(Map.of("FERRIS_URL", cluster.url(), "FERRIS_DIR", dir.toString()));
      all.putAll(environment);
      CliContext context =
          new CliContext(
              System.in,
              new PrintStream(out, true, UTF_8),
              new PrintStream(err, true, UTF_8),
              all,
              true,
              true,
              true,
              new TestHost(terminal));
      shell = CompletableFuture.supplyAsync(() -> FerrisCli.run(new String[] {"shell"}, context));
      sees("ferris> ");
    }

    void types(String keys) throws IOException {
      keyboard.write(keys.getBytes(UTF_8));
      keyboard.flush();
    }

    /** Waits for it, and looks from then on at what comes after it. */
    void sees(String text) {
      await(text).until(() -> seen().contains(text));
      from += seen().indexOf(text) + text.length();
    }

    /** What the terminal got behind what was waited for, as plain text. */
    String seen() {
      return AttributedString.stripAnsi(printed()).replace("\r", "").substring(from);
    }

    int leaves() throws IOException {
      types(CTRL_D);
      return shell.join();
    }

    @Override
    public void close() throws IOException {
      keyboard.close();
      terminal.close();
    }
  }

  @Test
  void aPersonSeesResultsWithTheirTimesAndMayGoOnInTheNextLine() throws IOException {
    try (Person person = new Person(Map.of())) {
      person.types("put person/note 'one\r");
      person.sees("...> ");
      person.types("two'\r");
      await().until(() -> person.seen().matches("(?s).*ok, version \\d+\n[0-9.]+ m?s\n.*"));
      person.types("get person/note\r");
      person.sees("one\\ntwo\n");
      person.types("get person/nothing\r");
      person.sees("get: key person/nothing has no value\nstatus 1, ");
      person.types("history\r");
      await().until(() -> person.seen().contains("2  get person/note"));
      assertThat(person.leaves()).isZero();
    }
    Path history = dir.resolve("shell-history");
    assertThat(history).content().contains("get person/note");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(history)))
        .isEqualTo("rw-------");
    try (Person later = new Person(Map.of())) {
      later.types("\u0010\u0010\r"); // Ctrl-P twice: the line before the last
      later.sees("get: key person/nothing has no value");
      assertThat(later.leaves()).isZero();
    }
  }

  @Test
  void tabCompletesCommandsAndKeysOfTheCluster() throws IOException {
    assertThat(script("put tab/alpha 1\nput tab/beta 2\n")).isZero();
    try (Person person = new Person(Map.of())) {
      person.types("get tab/alpha\r"); // connected from here on
      person.sees("1\n");
      person.sees("ferris> ");
      person.types("ge\tta\tb\t");
      await().until(() -> person.seen().contains("tab/beta"));
      person.types("\r");
      person.sees("2\n");
      assertThat(person.leaves()).isZero();
    }
  }

  @Test
  void hintsAreFaintAndGoneOnceTheLineIsRun() throws IOException {
    try (Person person = new Person(Map.of())) {
      person.types("cas ");
      await().until(() -> printed().contains("\u001b[2mKEY [OLD] NEW"));
      person.types("k\r");
      person.sees("cas: positional parameter");
      assertThat(person.leaves()).isZero();
    }
  }

  @Test
  void whoWantsNoColoursGetsNone() throws IOException {
    try (Person person = new Person(Map.of("NO_COLOR", "1"))) {
      person.types("cas \t");
      person.types("k\r");
      await().until(() -> person.seen().contains("status 2"));
      assertThat(printed()).doesNotContainPattern("\u001b\\[([0-9;]*;)?[349][0-9][0-9;]*m");
      assertThat(person.leaves()).isZero();
    }
  }

  @Test
  void ctrlCEndsTheCommandAndNotTheShell() throws Exception {
    try (Person person = new Person(Map.of())) {
      person.types("get --url " + STUCK_URL + " a\r");
      stuck.await();
      person.types(CTRL_C);
      person.sees("get: woken up\nstatus 1, ");
      person.types("put half a li" + CTRL_C);
      person.sees("ferris> ");
      person.types("put c-c/done 'yes'\r");
      person.sees("ok, version ");
      assertThat(person.leaves()).isZero();
    }
  }

  @Test
  void whatIsPastedRunsLineByLineUntilOneFails() throws IOException {
    try (Person person = new Person(Map.of())) {
      person.types("\u001b[200~put paste/1 a\nget paste/none\nput paste/2 b\n\u001b[201~\r");
      person.sees("get: key paste/none has no value");
      person.sees("ferris> ");
      person.types("scan --prefix paste/ --keys-only\r");
      person.sees("paste/1\n");
      person.types("quit\r");
      assertThat(person.shell.join()).isZero();
    }
    assertThat(script("get paste/2\n")).isEqualTo(ExitCode.NO);
  }

  @Test
  void statusMayBeWatchedInsideOfTheShell() throws IOException {
    try (Person person = new Person(Map.of())) {
      person.types("status --watch 0.1\r");
      person.sees("every 100 ms; q ends");
      person.types("q");
      person.sees("HEALTHY");
      person.sees("ferris> ");
      assertThat(person.leaves()).isZero();
    }
  }
}
