package org.ferrisdb.node.local.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An echo server behind a proxy, and this very process as the caller. */
class LinkProxyTest {
  private static final String ME = "me";
  private static final LinkState CUT = LinkState.CLEAR.withCut();
  private static final long MILLI = 1_000_000;

  private final long self = ProcessHandle.current().pid();
  private final Set<String> cut = ConcurrentHashMap.newKeySet();
  private volatile LinkState slow = LinkState.CLEAR;
  private ServerSocket echo;
  private LinkProxy proxy;

  @BeforeEach
  void start() throws IOException {
    echo = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::serveEcho);
    proxy =
        new LinkProxy(
            "echo",
            echo.getLocalPort(),
            (from, to) ->
                SocketOwner.among(() -> List.of(self), from, to).isPresent()
                    ? ME
                    : LinkProxy.STRANGER,
            (from, to) -> cut.contains(from + ">" + to) ? CUT : slow);
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    echo.close();
  }

  private void serveEcho() {
    while (!echo.isClosed()) {
      try {
        Socket s = echo.accept();
        Thread.ofVirtual().start(() -> echoAll(s));
      } catch (IOException e) {
        return;
      }
    }
  }

  private static void echoAll(Socket socket) {
    try (socket) {
      socket.getInputStream().transferTo(socket.getOutputStream());
    } catch (IOException e) {
      // the test closed it
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    socket.setSoTimeout(500);
    return socket;
  }

  private static int roundTrip(Socket socket, int value) throws IOException {
    socket.getOutputStream().write(value);
    return socket.getInputStream().read();
  }

  @Test
  void aDoorThatRefusesBreaksWhatThereIsAndLetsNobodyInUntilItIsOpenedAgain() throws IOException {
    int port = proxy.port();
    for (int round = 0; round < 100; round++) {
      try (Socket socket = connect()) {
        assertThat(roundTrip(socket, 7)).isEqualTo(7);
        proxy.refuse();
        proxy.refuse(); // may be said twice
        assertThatThrownBy(
                () -> {
                  if (roundTrip(socket, 8) < 0) {
                    throw new SocketException("ended");
                  }
                })
            .isInstanceOf(SocketException.class);
        assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
      }
      proxy.admit();
      proxy.admit();
      assertThat(proxy.port()).isEqualTo(port);
    }
    try (Socket socket = connect()) {
      assertThat(roundTrip(socket, 9)).isEqualTo(9);
    }
  }

  @Test
  void passesBytesThroughBothWays() throws IOException {
    try (Socket socket = connect()) {
      assertThat(roundTrip(socket, 7)).isEqualTo(7);
    }
  }

  @Test
  void cutOfOneDirectionIsSilenceAndHealClosesTheHoledConnection() throws IOException {
    try (Socket socket = connect()) {
      assertThat(roundTrip(socket, 1)).isEqualTo(1);
      cut.add("echo>me");
      assertThatThrownBy(() -> roundTrip(socket, 2)).isInstanceOf(SocketTimeoutException.class);
      cut.clear();
      proxy.closeHoled();
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
    try (Socket socket = connect()) {
      assertThat(roundTrip(socket, 3)).isEqualTo(3);
    }
  }

  @Test
  void aConnectionWithAHoleStaysMuteThoughTheCutIsOver() throws IOException {
    try (Socket socket = connect()) {
      assertThat(roundTrip(socket, 1)).isEqualTo(1);
      cut.add("me>echo");
      assertThatThrownBy(() -> roundTrip(socket, 2)).isInstanceOf(SocketTimeoutException.class);
      cut.clear();
      assertThatThrownBy(() -> roundTrip(socket, 3)).isInstanceOf(SocketTimeoutException.class);
    }
  }

  @Test
  void cutOfSomebodyElseLeavesThisOneAlone() throws IOException {
    cut.add("other>echo");
    cut.add("echo>other");
    try (Socket socket = connect()) {
      assertThat(roundTrip(socket, 9)).isEqualTo(9);
    }
  }

  @Test
  void whatListensNoMoreClosesTheConnection() throws IOException {
    echo.close();
    try (Socket socket = connect()) {
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void aSlowLinkDelaysButLetsMuchBeUnderWayAtOnce() throws IOException {
    slow = LinkState.CLEAR.withDelay(100 * MILLI, 0);
    try (Socket socket = connect()) {
      socket.setSoTimeout(5_000);
      long began = System.nanoTime();
      assertThat(roundTrip(socket, 1)).isEqualTo(1);
      assertThat(System.nanoTime() - began).isGreaterThanOrEqualTo(200 * MILLI);
      // Twenty pieces, one after the other, would take two seconds each way if each waited for the
      // one before it.
      began = System.nanoTime();
      for (int i = 0; i < 20; i++) {
        socket.getOutputStream().write(i);
        socket.getOutputStream().flush();
        Thread.onSpinWait();
      }
      for (int i = 0; i < 20; i++) {
        assertThat(socket.getInputStream().read()).isEqualTo(i);
      }
      assertThat(System.nanoTime() - began).isBetween(200 * MILLI, 1_500 * MILLI);
    }
  }

  @Test
  void aLinkThatLosesEverythingBreaks() throws IOException {
    slow = LinkState.CLEAR.withLoss(1);
    try (Socket socket = connect()) {
      socket.setSoTimeout(5_000);
      socket.getOutputStream().write(1);
      assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aResetBreaksTheConnectionsOfThatCallerOnly() throws IOException {
    try (Socket socket = connect()) {
      assertThat(roundTrip(socket, 1)).isEqualTo(1);
      assertThat(proxy.reset("somebody"::equals)).isZero();
      assertThat(roundTrip(socket, 2)).isEqualTo(2);
      assertThat(proxy.reset(ME::equals)).isEqualTo(1);
      assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(IOException.class);
    }
  }
}
