package org.ferrisdb.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.ferrisdb.client.Bytes.utf8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.Random;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.client.LimitExceededException;
import org.ferrisdb.node.local.NodePorts;
import org.junit.jupiter.api.Test;

/**
 * Random bytes, half messages and oversized ones at every port: the one connection ends, no more.
 */
class HostileInputTest {
  @Test
  void garbageAtEveryPortHarmsNobodyElse() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    try (ClusterUnderTest cluster = ClusterUnderTest.start(2);
        Ferris ferris = cluster.connect();
        RegisterWorkload load = new RegisterWorkload(ferris, 4, 6)) {
      for (var node : cluster.processes().nodes()) {
        NodePorts ports = node.ports();
        for (int port : List.of(ports.client(), ports.raft(), ports.http())) {
          for (int round = 0; round < 20; round++) {
            throwAt(port, garbage(random, round));
          }
        }
      }
      CrashTest.awaitWrites(cluster, load, 200);
      cluster.awaitHealthy();
      for (var node : cluster.processes().nodes()) {
        assertThat(node.isRunning()).as(node.name() + " runs").isTrue();
      }
      load.stopAndCheck();
      cluster.passed();
    }
  }

  /** Pure noise, a huge length, a negative one, a small length with noise, an HTTP request. */
  private static byte[] garbage(Random random, int round) {
    byte[] noise = new byte[1 + random.nextInt(round < 15 ? 500 : 200_000)];
    random.nextBytes(noise);
    int[] head =
        switch (round % 5) {
          case 0 -> new int[0];
          case 1 -> new int[] {0x7F, 0xFF, 0xFF, 0xFF};
          case 2 -> new int[] {0xFF, 0xFF, 0xFF, 0xFF};
          case 3 -> new int[] {0, 0, 0, noise.length > 60 ? 50 : 1};
          default -> new int[] {'G', 'E', 'T', ' ', '/', ' '};
        };
    for (int i = 0; i < head.length && i < noise.length; i++) {
      noise[i] = (byte) head[i];
    }
    return noise;
  }

  private static void throwAt(int port, byte[] bytes) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(200);
      socket.getOutputStream().write(bytes);
      socket.shutdownOutput();
      socket.getInputStream().readNBytes(100_000);
    } catch (java.net.SocketTimeoutException e) {
      // it waits for the rest of the message, which is its right
    } catch (java.net.SocketException e) {
      // closed on us, as it should
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void oversizedKeysAndValuesAreRefusedByName() {
    try (ClusterUnderTest cluster = ClusterUnderTest.start(1);
        Ferris ferris = cluster.connect()) {
      byte[] largest = new byte[1 << 20];
      ferris.put(utf8("fits"), Bytes.ofBytes(largest));
      assertThat(ferris.get(utf8("fits")).orElseThrow().value().length()).isEqualTo(1 << 20);
      assertThatThrownBy(
              () -> ferris.put(utf8("too large"), Bytes.ofBytes(new byte[(1 << 20) + 1])))
          .isInstanceOf(LimitExceededException.class)
          .hasMessageContaining("1048576");
      assertThatThrownBy(() -> ferris.put(Bytes.ofBytes(new byte[(8 << 10) + 1]), utf8("v")))
          .isInstanceOf(LimitExceededException.class)
          .hasMessageContaining("8192");
      cluster.passed();
    }
  }
}
