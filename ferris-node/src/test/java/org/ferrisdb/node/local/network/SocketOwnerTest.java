package org.ferrisdb.node.local.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class SocketOwnerTest {
  private static final long SELF = ProcessHandle.current().pid();

  @Test
  void ownEndOfAConnectionIsOurs() throws IOException {
    try (ServerSocket listener = listener();
        Socket caller = new Socket(listener.getInetAddress(), listener.getLocalPort())) {
      int port = caller.getLocalPort();
      assertThat(SocketOwner.among(() -> List.of(SELF), port, listener.getLocalPort()))
          .hasValue(SELF);
      assertThat(SocketOwner.among(() -> List.of(), port, listener.getLocalPort())).isEmpty();
    }
  }

  /**
   * The kernel gives one port to connections that lead to different places, to different processes
   * even. Who looked for the port alone found now and then the wrong one, and a node's connection
   * was a stranger's, which nothing cuts, for as long as it lived.
   */
  @Test
  void connectionsThatShareALocalPortAreToldApart() throws IOException {
    try (ServerSocket here = listener();
        ServerSocket there = listener();
        Socket one = new Socket();
        Socket other = new Socket()) {
      one.setReuseAddress(true);
      one.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      int port = one.getLocalPort();
      other.setReuseAddress(true);
      other.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      one.connect(here.getLocalSocketAddress());
      other.connect(there.getLocalSocketAddress());
      assertThat(inode(port, here)).isNotEqualTo(inode(port, there));
      assertThat(SocketOwner.among(() -> List.of(SELF), port, there.getLocalPort())).hasValue(SELF);
    }
  }

  /** Of either table: Java's sockets may be those of IPv6. */
  private static String inode(int port, ServerSocket to) throws IOException {
    List<String> table = Files.readAllLines(Path.of("/proc/net/tcp"));
    List<String> six = Files.readAllLines(Path.of("/proc/net/tcp6"));
    return SocketOwner.inode(table, port, to.getLocalPort())
        .or(() -> SocketOwner.inode(six, port, to.getLocalPort()))
        .orElseThrow();
  }

  @Test
  void inodeIsOfTheConnectionWithBothPorts() {
    List<String> table =
        List.of(
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid"
                + "  timeout inode",
            "   0: 0100007F:AFC8 0100007F:0BB8 01 00000000:00000000 00:00000000 00000000     0"
                + "        0 111 1 0 20 4 30 10 -1",
            "   1: 0100007F:AFC8 0100007F:0BB9 06 00000000:00000000 03:00000F4E 00000000     0"
                + "        0 0 3 0000000000000000",
            "   2: 0100007F:AFC8 0100007F:0BB9 01 00000000:00000000 00:00000000 00000000     0"
                + "        0 222 1 0 20 4 30 10 -1");
    assertThat(SocketOwner.inode(table, 0xAFC8, 3000)).hasValue("111");
    assertThat(SocketOwner.inode(table, 0xAFC8, 3001)).hasValue("222");
    assertThat(SocketOwner.inode(table, 0xAFC8, 3002)).isEmpty();
  }

  private static ServerSocket listener() throws IOException {
    return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  }
}
