package org.ferrisdb.node.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.client.wire.ErrorCode;
import org.ferrisdb.client.wire.GetReply;
import org.ferrisdb.client.wire.GetRequest;
import org.ferrisdb.client.wire.Hello;
import org.ferrisdb.client.wire.HelloReply;
import org.ferrisdb.client.wire.Outcome;
import org.ferrisdb.client.wire.ValueProto;
import org.ferrisdb.client.wire.WriteReply;
import org.ferrisdb.client.wire.WriteRequest;
import org.ferrisdb.node.config.HostPort;
import org.ferrisdb.shard.RequestStages;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class FrontDoorTest {
  private static final int MAX_FRAME = 64 << 10;
  private static final int MAX_REQUESTS = 8;
  private static final int MAX_CONNECTIONS = 20;

  private final EventLoops loops = new EventLoops("test", 2);
  private final Admission admission = new Admission(MAX_CONNECTIONS, 1 << 20);
  private final ConcurrentLinkedQueue<String> malformed = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<CompletableFuture<Envelope.Builder>> held =
      new ConcurrentLinkedQueue<>();
  private volatile boolean hold;
  private FrontDoor door;
  private HostPort address;

  @BeforeEach
  void open() throws IOException {
    FrontDoorListener listener =
        new FrontDoorListener() {
          @Override
          public void answered(
              Envelope request, @Nullable ErrorCode error, long nanos, RequestStages stages) {}

          @Override
          public void malformed(String peer, String why) {
            malformed.add(why);
          }
        };
    door =
        new FrontDoor(
            loops,
            new FrontDoor.Setup(
                this::handle,
                () -> HelloReply.newBuilder().setClusterId("c1").setNodeName("n1").build(),
                new TreeMap<>(Map.of("outside", "127.0.0.1:7001")),
                admission,
                MAX_REQUESTS,
                1 << 20,
                MAX_FRAME,
                500,
                listener,
                error -> {}));
    address = door.open(new HostPort("127.0.0.1", 0));
  }

  @Test
  void aClientIsToldItsNetworkAndThatThereIsNoSuchOne() throws IOException {
    try (Raw client = new Raw()) {
      client.send(
          Envelope.newBuilder()
              .setId(1)
              .setHello(
                  Hello.newBuilder()
                      .setProtocolVersion(1)
                      .addDialedAddresses("localhost:7001")
                      .addDialedAddresses("127.0.0.1:7001")));
      assertThat(client.receive().getHelloReply().getNetwork()).isEqualTo("outside");
    }
    try (Raw client = new Raw()) {
      client.send(
          Envelope.newBuilder()
              .setId(1)
              .setHello(Hello.newBuilder().setProtocolVersion(1).setNetwork("moon")));
      assertThat(client.receive().getError().getCode()).isEqualTo(ErrorCode.INVALID);
    }
  }

  @AfterEach
  void close() {
    door.close();
    loops.close();
  }

  private CompletableFuture<Envelope.Builder> handle(
      Envelope request, Peer peer, RequestStages stages) {
    if (hold) {
      CompletableFuture<Envelope.Builder> future = new CompletableFuture<>();
      held.add(future);
      return future;
    }
    if (request.hasWrite()) {
      return CompletableFuture.failedFuture(new IllegalStateException("broken\nhandler"));
    }
    if (request.getBodyCase() == Envelope.BodyCase.BODY_NOT_SET) {
      throw RequestException.refused(ErrorCode.UNSUPPORTED, "unknown", "");
    }
    return CompletableFuture.completedFuture(got(request));
  }

  private static Envelope.Builder got(Envelope request) {
    return Envelope.newBuilder()
        .setGetReply(GetReply.newBuilder().setTimestamp(request.getGet().getTimestamp()));
  }

  /** A client over a plain socket, so that nothing of ours can hide a mistake. */
  private final class Raw implements AutoCloseable {
    final Socket socket;
    final DataOutputStream out;
    final DataInputStream in;

    Raw() throws IOException {
      socket = new Socket(address.host(), address.port());
      socket.setSoTimeout(20_000);
      out = new DataOutputStream(socket.getOutputStream());
      in = new DataInputStream(socket.getInputStream());
    }

    Raw greeted() throws IOException {
      send(Envelope.newBuilder().setId(1).setHello(Hello.newBuilder().setProtocolVersion(1)));
      assertThat(receive().getHelloReply().getMaxInFlight()).isEqualTo(MAX_REQUESTS);
      return this;
    }

    void send(Envelope.Builder envelope) throws IOException {
      byte[] bytes = envelope.build().toByteArray();
      out.writeInt(bytes.length);
      out.write(bytes);
      out.flush();
    }

    Envelope receive() throws IOException {
      byte[] bytes = new byte[in.readInt()];
      in.readFully(bytes);
      return Envelope.parseFrom(bytes);
    }

    boolean isClosedByPeer() throws IOException {
      try {
        while (in.read() >= 0) {
          // An error reply may come first.
        }
        return true;
      } catch (EOFException e) {
        return true;
      } catch (IOException e) {
        return String.valueOf(e.getMessage()).contains("reset");
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private static Envelope.Builder get(long id) {
    return Envelope.newBuilder().setId(id).setGet(GetRequest.newBuilder().setTimestamp(1000 + id));
  }

  @Test
  void manyRequestsOnOneConnectionAreAnsweredWithTheirIds() throws IOException {
    try (Raw raw = new Raw().greeted()) {
      for (int i = 2; i < 500; i++) {
        raw.send(get(i));
      }
      for (int i = 2; i < 500; i++) {
        Envelope reply = raw.receive();
        assertThat(reply.getGetReply().getTimestamp()).isEqualTo(1000 + reply.getId());
      }
    }
    await().untilAsserted(() -> assertThat(admission.bytes()).isZero());
    await().untilAsserted(() -> assertThat(admission.connections()).isZero());
  }

  @Test
  void whoeverSaysSomethingElseBeforeHelloIsToldAndClosed() throws IOException {
    try (Raw raw = new Raw()) {
      raw.send(get(7));

      assertThat(raw.receive().getError().getCode()).isEqualTo(ErrorCode.INVALID);
      assertThat(raw.isClosedByPeer()).isTrue();
    }
  }

  @Test
  void whoeverSaysNothingIsClosedAfterAWhile() throws IOException {
    try (Raw raw = new Raw()) {
      assertThat(raw.isClosedByPeer()).isTrue();
    }
    assertThat(malformed).contains("no hello");
  }

  @Test
  void aNodeOrClientOfAnotherClusterIsRefused() throws IOException {
    try (Raw raw = new Raw()) {
      raw.send(
          Envelope.newBuilder()
              .setId(1)
              .setHello(Hello.newBuilder().setProtocolVersion(1).setClusterId("c2")));

      assertThat(raw.receive().getError().getCode()).isEqualTo(ErrorCode.WRONG_CLUSTER);
      assertThat(raw.isClosedByPeer()).isTrue();
    }
  }

  @Test
  void randomBytesCloseTheirConnectionAndNoOther() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    try (Raw good = new Raw().greeted()) {
      for (int i = 0; i < 60; i++) {
        byte[] bytes = new byte[1 + random.nextInt(4000)];
        random.nextBytes(bytes);
        try (Raw raw = random.nextBoolean() ? new Raw() : new Raw().greeted()) {
          if (random.nextBoolean()) {
            raw.out.writeInt(bytes.length); // a frame, but of rubbish
          } else {
            bytes[0] |= (byte) 0x80; // a length no frame has
          }
          raw.out.write(bytes);
          raw.out.flush();
          raw.socket.shutdownOutput();
          assertThat(raw.isClosedByPeer()).as("seed %d", seed).isTrue();
        }
        good.send(get(100 + i));
        assertThat(good.receive().getId()).as("seed %d", seed).isEqualTo(100 + i);
      }
    }
  }

  @Test
  void anOversizedFrameClosesTheConnectionBeforeItIsRead() throws IOException {
    try (Raw raw = new Raw().greeted()) {
      raw.out.writeInt(MAX_FRAME + 1);
      raw.out.flush();

      assertThat(raw.isClosedByPeer()).isTrue();
    }
    await().untilAsserted(() -> assertThat(malformed).isNotEmpty());
  }

  @Test
  void anUnknownMessageIsUnsupportedAndTheConnectionGoesOn() throws IOException {
    try (Raw raw = new Raw().greeted()) {
      // Field 900, which no release knows.
      byte[] unknown = {0x08, 0x05, (byte) 0xa2, 0x38, 0x01, 0x00};
      raw.out.writeInt(unknown.length);
      raw.out.write(unknown);
      raw.out.flush();

      Envelope reply = raw.receive();
      assertThat(reply.getId()).isEqualTo(5);
      assertThat(reply.getError().getCode()).isEqualTo(ErrorCode.UNSUPPORTED);
      raw.send(get(6));
      assertThat(raw.receive().getId()).isEqualTo(6);
    }
  }

  @Test
  void anIdThatIsInUseClosesTheConnection() throws IOException {
    hold = true;
    try (Raw raw = new Raw().greeted()) {
      raw.send(get(5));
      raw.send(get(5));

      assertThat(raw.receive().getError().getCode()).isEqualTo(ErrorCode.INVALID);
      assertThat(raw.isClosedByPeer()).isTrue();
    }
  }

  @Test
  void aRequestEndsByItsDeadlineAndALateAnswerIsDropped() throws IOException {
    hold = true;
    try (Raw raw = new Raw().greeted()) {
      raw.send(get(2).setDeadlineMillis(50));
      raw.send(
          Envelope.newBuilder()
              .setId(3)
              .setDeadlineMillis(50)
              .setWrite(WriteRequest.getDefaultInstance()));
      List<Envelope> replies = new ArrayList<>(List.of(raw.receive(), raw.receive()));
      replies.sort(java.util.Comparator.comparingLong(Envelope::getId));

      assertThat(replies).allMatch(r -> r.getError().getCode() == ErrorCode.DEADLINE);
      assertThat(replies.get(0).getError().getOutcome()).isEqualTo(Outcome.NOT_APPLIED);
      assertThat(replies.get(1).getError().getOutcome())
          .as("nobody knows what became of the write")
          .isEqualTo(Outcome.UNKNOWN);
      held.forEach(
          f -> f.complete(Envelope.newBuilder().setWriteReply(WriteReply.getDefaultInstance())));
      hold = false;
      raw.send(get(4));
      assertThat(raw.receive().getId()).isEqualTo(4);
    }
  }

  @Test
  void aHandlerThatFailsIsAnErrorOfOneLineWithAnOutcome() throws IOException {
    try (Raw raw = new Raw().greeted()) {
      raw.send(Envelope.newBuilder().setId(2).setWrite(WriteRequest.getDefaultInstance()));

      Envelope reply = raw.receive();
      assertThat(reply.getError().getCode()).isEqualTo(ErrorCode.INTERNAL);
      assertThat(reply.getError().getOutcome()).isEqualTo(Outcome.UNKNOWN);
      assertThat(reply.getError().getMessage()).contains("broken handler");
    }
  }

  @Test
  void aConnectionWithTooManyUnansweredRequestsIsNotReadFrom() throws IOException {
    hold = true;
    try (Raw raw = new Raw().greeted()) {
      Thread writer =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  for (int i = 2; i < 2 + 10 * MAX_REQUESTS; i++) {
                    raw.send(
                        get(i)
                            .setDeadlineMillis(60_000)
                            .setGet(
                                GetRequest.newBuilder()
                                    .addKeys(ByteString.copyFrom(new byte[8000]))));
                  }
                } catch (IOException e) {
                  // The test's assertions will tell.
                }
              });
      await().until(() -> held.size() >= MAX_REQUESTS);
      // What one read of the socket had brought already is accepted, nothing beyond it.
      assertThat(held.size()).isLessThan(5 * MAX_REQUESTS);
      hold = false;
      int answered = 0;
      while (answered < 10 * MAX_REQUESTS) {
        CompletableFuture<Envelope.Builder> one = held.poll();
        if (one != null) {
          one.complete(Envelope.newBuilder().setGetReply(GetReply.getDefaultInstance()));
        }
        raw.receive();
        answered++;
      }
      assertThat(writer.isAlive()).isFalse();
    }
  }

  @Test
  void overTheNodesBytesRequestsAreRefusedAsNotApplied() throws IOException {
    hold = true;
    List<Raw> raws = new ArrayList<>();
    try {
      for (int i = 0; i < 10; i++) {
        Raw raw = new Raw().greeted();
        raws.add(raw);
        for (int j = 0; j < 4; j++) {
          raw.send(
              get(2 + j)
                  .setGet(GetRequest.newBuilder().addKeys(ByteString.copyFrom(new byte[30_000]))));
        }
      }
      Envelope refusal = raws.getLast().receive();

      assertThat(refusal.getError().getCode()).isEqualTo(ErrorCode.OVERLOADED);
      assertThat(refusal.getError().getOutcome()).isEqualTo(Outcome.NOT_APPLIED);
      assertThat(refusal.getError().getMessage()).contains("limits.node-bytes");
    } finally {
      for (Raw raw : raws) {
        raw.close();
      }
    }
    await().untilAsserted(() -> assertThat(admission.bytes()).isZero());
  }

  @Test
  void anAnswerThatTheNodeHasNoRoomForIsToBeAskedForAgain() throws IOException {
    long others = (1 << 20) - 20_000;
    admission.take(others); // what others are to be sent
    hold = true;
    try (Raw raw = new Raw().greeted()) {
      raw.send(get(2));
      raw.send(Envelope.newBuilder().setId(3).setWrite(WriteRequest.getDefaultInstance()));
      await().until(() -> held.size() == 2);
      ByteString value = ByteString.copyFrom(new byte[60_000]);
      Envelope.Builder large =
          Envelope.newBuilder()
              .setGetReply(
                  GetReply.newBuilder().addValues(ValueProto.newBuilder().setValue(value)));
      held.remove().complete(large);
      Envelope refusal = raw.receive();
      assertThat(refusal.getId()).isEqualTo(2);
      assertThat(refusal.getError().getCode()).isEqualTo(ErrorCode.OVERLOADED);
      assertThat(refusal.getError().getOutcome()).isEqualTo(Outcome.NOT_APPLIED);
      assertThat(refusal.getError().getRetryAfterMillis()).isPositive();
      // A write has happened, whatever its answer takes.
      held.remove().complete(large.clone());
      assertThat(raw.receive().hasGetReply()).isTrue();

      admission.release(others);
      raw.send(get(4));
      await().until(() -> held.size() == 1);
      held.remove().complete(large.clone());
      assertThat(raw.receive().hasGetReply()).isTrue();
    }
    await().untilAsserted(() -> assertThat(admission.bytes()).isZero());
  }

  @Test
  void anAnswerLongerThanTheLimitIsGivenWhenLittleElseIsInUse() {
    Admission small = new Admission(1, 1000);
    small.take(400);
    assertThat(small.reserveAnswer(5000)).isTrue();
    assertThat(small.reserveAnswer(1)).isFalse();
    small.release(5000);
    assertThat(small.reserveAnswer(600)).isTrue();
    assertThat(small.bytes()).isEqualTo(1000);
  }

  @Test
  void framesThatAreNeverFinishedDoNotTakeTheNodesMemory() throws IOException {
    List<Raw> raws = new ArrayList<>();
    try (Raw good = new Raw().greeted()) {
      for (int i = 0; i < MAX_CONNECTIONS - 1; i++) {
        Raw raw = new Raw().greeted();
        raws.add(raw);
        raw.out.writeInt(MAX_FRAME);
        raw.out.write(new byte[MAX_FRAME - 1]);
        raw.out.flush();
      }
      // 19 times 64 KiB are more than 1 MiB: somebody had to go.
      await().untilAsserted(() -> assertThat(malformed).isNotEmpty());
      assertThat(admission.bufferedBytes()).isLessThanOrEqualTo(1 << 20);
      good.send(get(2));
      assertThat(good.receive().getId()).isEqualTo(2);
    } finally {
      for (Raw raw : raws) {
        raw.close();
      }
    }
    await().untilAsserted(() -> assertThat(admission.bufferedBytes()).isZero());
  }

  @Test
  void aConnectionTooManyIsToldWhichLimit() throws IOException {
    List<Raw> raws = new ArrayList<>();
    try {
      for (int i = 0; i < MAX_CONNECTIONS; i++) {
        raws.add(new Raw().greeted());
      }
      try (Raw raw = new Raw()) {
        assertThat(raw.receive().getError().getMessage()).contains("limits.connections = 20");
        assertThat(raw.isClosedByPeer()).isTrue();
      }
      raws.removeLast().close();
      await()
          .untilAsserted(() -> {
            try (Raw raw = new Raw().greeted()) {
              raw.send(get(2));
              assertThat(raw.receive().getId()).isEqualTo(2);
            }
          });
    } finally {
      for (Raw raw : raws) {
        raw.close();
      }
    }
  }
}
