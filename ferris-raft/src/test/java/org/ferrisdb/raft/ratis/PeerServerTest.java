package org.ferrisdb.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.ratis.thirdparty.io.netty.buffer.ByteBuf;
import org.apache.ratis.thirdparty.io.netty.buffer.ByteBufUtil;
import org.apache.ratis.thirdparty.io.netty.buffer.Unpooled;
import org.apache.ratis.thirdparty.io.netty.buffer.UnpooledByteBufAllocator;
import org.ferrisdb.raft.GroupId;
import org.ferrisdb.raft.LinkControl;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.ProposalOutcome;
import org.ferrisdb.raft.RaftGroup;
import org.ferrisdb.raft.RaftMember;
import org.ferrisdb.raft.RaftNode;
import org.ferrisdb.raft.RaftOptions;
import org.ferrisdb.raft.RaftPosition;
import org.ferrisdb.raft.RaftTransport;
import org.ferrisdb.raft.ratis.Frames.Hello;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a node's Raft port does with strangers. */
@Timeout(60)
class PeerServerTest {
  private static final NodeId SELF = new NodeId("00000000000000aa");
  private static final NodeId PEER = new NodeId("00000000000000bb");
  private static final UUID CLUSTER = new UUID(7, 9);

  @TempDir Path root;

  @Test
  void a_hello_is_as_drawn() throws Exception {
    ByteBuf frame = Frames.hello(UnpooledByteBufAllocator.DEFAULT, new Hello(CLUSTER, PEER, SELF));
    String golden =
        """
        00000036 01 46524654 01
        00000000000000070000000000000009
        30303030303030303030303030306262
        30303030303030303030303030306161
        """;
    assertThat(ByteBufUtil.hexDump(frame)).isEqualTo(golden.replaceAll("\\s", ""));
    frame.skipBytes(Frames.LENGTH_BYTES);
    assertThat(Frames.readHello(frame)).isEqualTo(new Hello(CLUSTER, PEER, SELF));
    frame.release();
    ByteBuf newer =
        Unpooled.wrappedBuffer(HexFormat.of().parseHex("014652465402" + "00".repeat(48)));
    assertThatIOException()
        .isThrownBy(() -> Frames.readHello(newer))
        .withMessageContaining("version 2");
  }

  @Test
  void garbage_strangers_and_giants_lose_their_connection_and_nobody_else() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    RaftMember self = new RaftMember(SELF, "127.0.0.1", port);
    RaftOptions options =
        new RaftOptions(
            Duration.ofMillis(300), Duration.ofMillis(600), 64 << 10, 1 << 20, 0, 1L << 30);
    try (RaftNode node =
        RaftNode.start(
            self,
            root,
            options,
            new RaftTransport("127.0.0.1", self.port(), CLUSTER, LinkControl.OPEN),
            group -> new NoState(),
            (group, from, directory) -> RaftPosition.NONE)) {
      RaftGroup group = node.create(new GroupId(UUID.randomUUID()), List.of(self));
      Random random = new Random(20);
      for (int round = 0; round < 50; round++) {
        byte[] garbage = new byte[1 + random.nextInt(2000)];
        random.nextBytes(garbage);
        garbage[0] |= 0x40; // a length that is far too large
        assertThat(closedAfter(port, garbage)).as("round %d", round).isTrue();
      }
      assertThat(closedAfter(port, "GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII)))
          .isTrue();
      assertThat(closedAfter(port, hello(CLUSTER, PEER, new NodeId("00000000000000cc"))))
          .as("meant for the node that had this address before its disk was emptied")
          .isTrue();
      assertThat(closedAfter(port, hello(new UUID(1, 1), PEER, SELF)))
          .as("of another cluster")
          .isTrue();
      byte[] request = new byte[4 + 40];
      request[3] = 40;
      request[4] = Frames.REQUEST;
      Arrays.fill(request, 13, 44, (byte) 0xFF);
      assertThat(closedAfter(port, concat(hello(CLUSTER, PEER, SELF), request)))
          .as("a request that is none")
          .isTrue();
      ProposalOutcome outcome = null;
      for (int i = 0; i < 100 && !(outcome instanceof ProposalOutcome.Applied); i++) {
        outcome = group.propose(ByteBuffer.allocate(4)).get(5, TimeUnit.SECONDS);
        LockSupport.parkNanos(50_000_000);
      }
      assertThat(outcome).isInstanceOf(ProposalOutcome.Applied.class);
    }
  }

  private static byte[] hello(UUID cluster, NodeId from, NodeId to) {
    ByteBuf frame = Frames.hello(UnpooledByteBufAllocator.DEFAULT, new Hello(cluster, from, to));
    byte[] bytes = ByteBufUtil.getBytes(frame);
    frame.release();
    return bytes;
  }

  private static byte[] concat(byte[] a, byte[] b) {
    byte[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  private static boolean closedAfter(int port, byte[] sent) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(5000);
      new DataOutputStream(socket.getOutputStream()).write(sent);
      return socket.getInputStream().read() == -1;
    } catch (SocketException reset) {
      return true;
    }
  }
}
