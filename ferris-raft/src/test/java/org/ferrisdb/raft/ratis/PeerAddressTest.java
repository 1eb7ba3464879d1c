package org.ferrisdb.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class PeerAddressTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(20);

  private final AtomicInteger lookups = new AtomicInteger();

  @Test
  void aNumberIsNotLookedUp() throws IOException {
    PeerAddress address =
        new PeerAddress("127.0.0.1", 7101, name -> InetAddress.getLoopbackAddress());
    assertThat(address.resolve(SHORT))
        .isEqualTo(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 7101));
  }

  @Test
  void aNameIsLookedUpForEachConnection() throws IOException {
    PeerAddress address =
        new PeerAddress(
            "n1", 7101, name -> InetAddress.ofLiteral("10.0.0." + lookups.incrementAndGet()));

    assertThat(address.resolve(LONG).getHostString()).isEqualTo("10.0.0.1");
    assertThat(address.resolve(LONG).getHostString()).isEqualTo("10.0.0.2");
  }

  @Test
  void aLookupThatHangsHoldsNobodyUpAndIsNotDoubled() throws IOException {
    CountDownLatch answer = new CountDownLatch(1);
    PeerAddress address =
        new PeerAddress(
            "n1",
            7101,
            name -> {
              lookups.incrementAndGet();
              try {
                answer.await();
              } catch (InterruptedException e) {
                throw new UnknownHostException("interrupted");
              }
              return InetAddress.ofLiteral("10.0.0.7");
            });

    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> address.resolve(SHORT))
          .isInstanceOf(IOException.class)
          .hasMessage("no answer to the lookup of n1 within 20 ms");
    }
    answer.countDown();

    assertThat(address.resolve(LONG).getPort()).isEqualTo(7101);
    assertThat(lookups).hasValue(1);
  }

  @Test
  void aNameThatIsUnknownIsAskedForAgain() {
    PeerAddress address =
        new PeerAddress(
            "n1",
            7101,
            name -> {
              throw new UnknownHostException(name + " " + lookups.incrementAndGet());
            });

    assertThatThrownBy(() -> address.resolve(LONG)).hasMessageContaining("n1 1");
    assertThatThrownBy(() -> address.resolve(LONG)).hasMessageContaining("n1 2");
  }
}
