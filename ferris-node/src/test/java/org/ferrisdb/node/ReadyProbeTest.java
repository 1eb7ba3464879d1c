package org.ferrisdb.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.ferrisdb.node.config.HostPort;
import org.junit.jupiter.api.Test;

final class ReadyProbeTest {
  @Test
  void itAsksWhereTheNodeWasToldToListen() {
    assertThat(ReadyProbe.addressOf(Map.of())).isEqualTo(new HostPort("127.0.0.1", 7201));
    assertThat(ReadyProbe.addressOf(Map.of("FERRIS_HTTP_LISTEN", "0.0.0.0:9000")))
        .isEqualTo(new HostPort("0.0.0.0", 9000));
  }

  @Test
  void onlyStatus200IsReady() {
    assertThat(ReadyProbe.isReady("HTTP/1.1 200 OK\r\n\r\nready\n")).isTrue();
    assertThat(ReadyProbe.isReady("HTTP/1.1 503 Service Unavailable\r\n\r\n")).isFalse();
    assertThat(ReadyProbe.isReady("")).isFalse();
  }
}
