package org.ferrisdb.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.ferrisdb.client.Bytes.utf8;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.client.wire.Envelope.BodyCase;
import org.ferrisdb.client.wire.TimestampReply;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connecting, closing, and nodes that do not keep to the protocol. */
@Timeout(30)
class LifecycleTest {
  private FakeCluster cluster;

  @BeforeEach
  void start() {
    cluster = new FakeCluster(2);
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private static int deadPort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static long clientThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("ferris-client"))
        .count();
  }

  /**
   * Carriers of virtual threads, Surefire's own, and what earlier fake nodes left behind for a
   * second.
   */
  private static boolean isNobodysOfOurs(Thread thread) {
    String name = thread.getName();
    return name.startsWith("ForkJoinPool")
        || name.startsWith("surefire")
        || name.startsWith("globalEventExecutor")
        || !groupName(thread).equals("main");
  }

  private static String groupName(Thread thread) {
    ThreadGroup group = thread.getThreadGroup();
    return group == null ? "ended" : group.getName();
  }

  @Test
  void close_leaves_no_thread() {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    for (int i = 0; i < 5; i++) {
      Ferris ferris = Ferris.connect(cluster.uri());
      ferris.put(utf8("k"), utf8("1"));
      assertThat(clientThreads()).isEqualTo(1);
      ferris.close();
      assertThat(clientThreads()).isZero();
      assertThat(Thread.getAllStackTraces().keySet())
          .allMatch(thread -> before.contains(thread) || isNobodysOfOurs(thread));
      ferris.close();
    }
  }

  @Test
  void close_fails_what_is_under_way_and_what_comes_after() {
    cluster.nodes.forEach(node -> node.script = r -> r.request.hasWrite() || r.request.hasGet());
    Ferris ferris = Ferris.connect(cluster.uri());
    CompletableFuture<Version> write = ferris.async().put(utf8("k"), utf8("1"));
    CompletableFuture<?> read = ferris.async().get(utf8("k"));
    Eventually.await()
        .until(
            () -> cluster.node(1).count(BodyCase.WRITE) + cluster.node(1).count(BodyCase.GET) == 2);

    ferris.close();

    assertThat(write).isCompletedExceptionally();
    assertThat(catchThrowableOfType(CompletionException.class, write::join).getCause())
        .isInstanceOfSatisfying(
            ClientClosedException.class, e -> assertThat(e.outcome()).isEqualTo(Outcome.UNKNOWN));
    assertThat(catchThrowableOfType(CompletionException.class, read::join).getCause())
        .isInstanceOfSatisfying(
            ClientClosedException.class,
            e -> assertThat(e.outcome()).isEqualTo(Outcome.NOT_APPLIED));
    assertThat(catchThrowableOfType(ClientClosedException.class, () -> ferris.get(utf8("k"))))
        .hasMessage(
            "get \"k\": the client was closed: close it only after its last call [FER-CLOSED]");
  }

  @Test
  void a_client_can_be_closed_in_a_callback() throws Exception {
    Ferris ferris = Ferris.connect(cluster.uri());
    cluster.nodes.forEach(node -> node.script = r -> r.request.hasGet());
    CompletableFuture<?> get = ferris.withDeadline(Duration.ofMillis(100)).async().get(utf8("k"));

    CompletableFuture<Boolean> closed =
        get.handle((entry, failure) -> {
          ferris.close();
          return true;
        });

    assertThat(closed.get(5, TimeUnit.SECONDS)).isTrue();
    Eventually.await().until(() -> clientThreads() == 0);
  }

  @Test
  void connecting_to_nothing_fails_at_once_and_names_every_address() throws Exception {
    int first = deadPort();
    int second = deadPort();
    long start = System.nanoTime();

    ConnectionFailedException failure =
        catchThrowableOfType(
            ConnectionFailedException.class,
            () -> Ferris.connect("ferris://127.0.0.1:" + first + ",127.0.0.1:" + second));

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
    assertThat(failure)
        .hasMessage(
            "no cluster reached: 127.0.0.1:%d connection refused; 127.0.0.1:%d connection refused: start one with ./ferris up, or check the addresses [FER-CONNECT]"
                .formatted(first, second));
    assertThat(failure.addressesTried()).hasSize(2);
    assertThat(clientThreads()).isZero();
  }

  @Test
  void an_unknown_host_is_named() {
    ConnectionFailedException failure =
        catchThrowableOfType(
            ConnectionFailedException.class, () -> Ferris.connect("ferris://no-such-host.invalid"));

    assertThat(failure).hasMessageContaining("no-such-host.invalid:7001 unknown host");
  }

  @Test
  void a_node_that_accepts_and_says_nothing_does_not_keep_the_caller() {
    cluster.nodes.forEach(node -> node.greets = false);
    FerrisOptions options = FerrisOptions.defaults().withConnectTimeout(Duration.ofMillis(300));

    ConnectionFailedException failure =
        catchThrowableOfType(
            ConnectionFailedException.class, () -> Ferris.connect(cluster.uri(), options));

    assertThat(failure).hasMessageContaining("within 300 ms");
    assertThat(failure.addressesTried()).hasSize(2);
  }

  @Test
  void a_node_that_is_slow_to_introduce_itself_is_waited_for() {
    // Longer than a connection is given once another node could be asked instead.
    cluster.nodes.forEach(node -> node.greetsAfterMillis = 2_500);
    FerrisOptions options = FerrisOptions.defaults().withConnectTimeout(Duration.ofMinutes(1));

    try (Ferris ferris = Ferris.connect("ferris://" + cluster.node(1).address(), options)) {
      ferris.put(utf8("k"), utf8("1"));
      assertThat(cluster.node(1).connections()).isOne();
    }
  }

  @Test
  void a_node_whose_cluster_is_being_formed_is_asked_until_it_has_a_map() {
    AtomicInteger asked = new AtomicInteger();
    cluster.nodes.forEach(node ->
        node.script =
            r -> {
              if (!r.request.hasMap() || asked.incrementAndGet() > 6) {
                return false;
              }
              r.reply(
                  Envelope.newBuilder()
                      .setMapReply(org.ferrisdb.client.wire.MapReply.getDefaultInstance()));
              return true;
            });

    try (Ferris ferris = Ferris.connect(cluster.uri())) {
      ferris.put(utf8("k"), utf8("1"));
    }
    assertThat(asked.get()).isGreaterThan(6);
  }

  @Test
  void a_node_of_another_cluster_is_refused() {
    cluster.node(2).clusterId = "another";
    try (Ferris ferris = Ferris.connect("ferris://" + cluster.node(1).address())) {
      Eventually.await().until(() -> cluster.node(2).connections() == 0);

      ClusterInfo.NodeStatus second = ferris.nodeStatuses().get(1);

      assertThat(second.problem().orElseThrow())
          .contains("belongs to another cluster (another, not fake-cluster)");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"ffffffff", "00000004ffffffff", "00000000", "7fffffff00"})
  void a_reply_that_is_no_frame_ends_the_connection_and_the_write_is_repeated(String hex) {
    AtomicInteger writes = new AtomicInteger();
    cluster.node(1).script =
        r -> {
          if (!r.request.hasWrite() || writes.incrementAndGet() > 1) {
            return false;
          }
          cluster.answer(cluster.node(1), r.request);
          r.raw(HexFormat.of().parseHex(hex));
          return true;
        };
    try (Ferris ferris = Ferris.connect(cluster.uri())) {
      ferris.put(utf8("k"), utf8("1"));
    }
    assertThat(cluster.applied).isEqualTo(1);
    assertThat(cluster.duplicates).isEqualTo(1);
  }

  @Test
  void a_reply_of_the_wrong_kind_is_an_error_of_the_server() {
    cluster.node(1).script =
        r -> {
          if (!r.request.hasWrite()) {
            return false;
          }
          r.reply(Envelope.newBuilder().setTimestampReply(TimestampReply.getDefaultInstance()));
          return true;
        };
    try (Ferris ferris = Ferris.connect(cluster.uri())) {
      ServerErrorException failure =
          catchThrowableOfType(ServerErrorException.class, () -> ferris.put(utf8("k"), utf8("1")));
      assertThat(failure.outcome()).isEqualTo(Outcome.UNKNOWN);
    }
  }

  @Test
  void a_server_that_is_no_node_is_recognized() throws Exception {
    try (ServerSocket web = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread server =
          Thread.ofVirtual()
              .start(() -> {
                try (var connection = web.accept()) {
                  connection
                      .getOutputStream()
                      .write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                  connection.getInputStream().readAllBytes();
                } catch (java.io.IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });

      ConnectionFailedException failure =
          catchThrowableOfType(
              ConnectionFailedException.class,
              () -> Ferris.connect("ferris://127.0.0.1:" + web.getLocalPort()));

      assertThat(failure).hasMessageContaining("broke the protocol: frame of 1213486160 bytes");
      server.interrupt();
    }
  }
}
