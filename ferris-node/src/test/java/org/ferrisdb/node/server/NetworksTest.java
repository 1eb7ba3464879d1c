package org.ferrisdb.node.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.ferrisdb.client.wire.Hello;
import org.junit.jupiter.api.Test;

final class NetworksTest {
  private static final SortedMap<String, String> OWN =
      new TreeMap<>(Map.of("outside", "db1.example.com:7001", "vpn", "10.8.0.1:7001"));

  private static String network(String asked, String... dialed) {
    return Networks.of(
        Hello.newBuilder().setNetwork(asked).addAllDialedAddresses(List.of(dialed)).build(), OWN);
  }

  @Test
  void aClientStaysInTheNetworkWhoseAddressItDialed() {
    assertThat(network("", "db1.example.com:7001", "93.184.216.34:7001")).isEqualTo("outside");
    assertThat(network("", "DB1.example.com:7001")).isEqualTo("outside");
    assertThat(network("", "some-alias:7001", "10.8.0.1:7001")).isEqualTo("vpn");
  }

  @Test
  void whoDialsNoneOfThemOrSaysNothingGetsTheDefaultAddresses() {
    assertThat(network("", "n1:7001", "172.18.0.2:7001")).isEmpty();
    assertThat(network("", "db1.example.com:7002")).isEmpty();
    assertThat(network("")).isEmpty();
  }

  @Test
  void whatIsAskedForByNameWinsOverWhatWasDialed() {
    assertThat(network("vpn", "db1.example.com:7001")).isEqualTo("vpn");
    assertThat(network("default", "db1.example.com:7001")).isEmpty();
  }

  @Test
  void aNetworkThatIsNotThereIsRefusedWithThoseThatAre() {
    assertThatThrownBy(() -> network("moon"))
        .isInstanceOfSatisfying(
            RequestException.class,
            e -> {
              assertThat(e)
                  .hasMessage("this node has no network 'moon', it has default, outside, vpn");
              assertThat(e.reply().getHint()).contains("client.networks");
            });
  }
}
