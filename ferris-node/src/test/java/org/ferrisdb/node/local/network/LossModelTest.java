package org.ferrisdb.node.local.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Lost packets as stalls. */
class LossModelTest {
  private final Random random = new Random(7);

  @Test
  void nothingLostIsNoStall() {
    assertThat(LossModel.stallNanos(1_000_000, 0, random)).isZero();
  }

  @Test
  void aShareOfSmallPiecesStallsByOneRetransmissionOrMore() {
    int stalled = 0;
    for (int i = 0; i < 10_000; i++) {
      long stall = LossModel.stallNanos(100, 0.1, random);
      assertThat(stall == 0 || stall >= LossModel.RETRANSMIT_NANOS || stall == LossModel.BROKEN)
          .isTrue();
      stalled += stall == 0 ? 0 : 1;
    }
    assertThat(stalled).isBetween(850, 1_150);
  }

  @Test
  void whatIsLostEveryTimeBreaksTheConnection() {
    assertThat(LossModel.stallNanos(1, 1, random)).isEqualTo(LossModel.BROKEN);
  }

  @Test
  void largePiecesAreMorePackets() {
    int stalled = 0;
    for (int i = 0; i < 1_000; i++) {
      stalled += LossModel.stallNanos(64 << 10, 0.05, random) == 0 ? 0 : 1;
    }
    assertThat(stalled).isGreaterThan(800); // 46 packets each
  }
}
