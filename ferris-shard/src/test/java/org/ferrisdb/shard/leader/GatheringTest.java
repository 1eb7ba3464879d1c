package org.ferrisdb.shard.leader;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GatheringTest {
  private static final long ENTRY = 1_000_000;

  private final Gathering gathering = new Gathering();

  @Test
  void nobodyWaitsBeforeTheFirstEntry() {
    assertThat(gathering.remaining(1, 0)).isZero();
  }

  @Test
  void whoWritesAloneNeverWaits() {
    for (long now = 0; now < 100 * ENTRY; now += ENTRY) {
      gathering.applied(1, 0, ENTRY, now);
      assertThat(gathering.remaining(1, now + 1)).isZero();
    }
  }

  @Test
  void twoGroupsOfClientsBecomeOne() {
    gathering.applied(2, 2, ENTRY, 0);
    assertThat(gathering.remaining(2, 0)).isEqualTo(ENTRY / 2);
    assertThat(gathering.remaining(3, 100_000)).isEqualTo(ENTRY / 2 - 100_000);
    assertThat(gathering.remaining(4, 200_000)).as("all are there").isZero();
    gathering.applied(4, 0, ENTRY, ENTRY);
    assertThat(gathering.remaining(3, ENTRY)).as("one of four is missing").isPositive();
    assertThat(gathering.remaining(4, ENTRY)).isZero();
  }

  @Test
  void itWaitsForHalfOfAnEntryAndNeverLong() {
    gathering.applied(2, 1, ENTRY, 0);
    assertThat(gathering.remaining(1, ENTRY / 2 - 1)).isEqualTo(1);
    assertThat(gathering.remaining(1, ENTRY / 2)).isZero();
    assertThat(gathering.remaining(1, ENTRY / 2)).as("decided once").isZero();

    gathering.applied(2, 1, 1_000 * ENTRY, 0);
    assertThat(gathering.remaining(1, 0)).isEqualTo(Gathering.MAX_NANOS);
  }

  @Test
  void aShardWhoseClientsDoNotComeBackStopsWaitingButTriesNowAndThen() {
    int waits = 0;
    long now = 0;
    for (int entry = 0; entry < 100; entry++) {
      gathering.applied(4, 4, ENTRY, now);
      if (gathering.remaining(4, now) > 0) {
        waits++;
        now += ENTRY / 2;
        assertThat(gathering.remaining(4, now)).isZero();
      }
      now += ENTRY;
    }
    assertThat(waits).isBetween(10, 60);
    assertThat(gathering.share()).isLessThan(0.5);
  }

  @Test
  void whenHalfOfThemComeBackHalfAreExpected() {
    long now = 0;
    for (int entry = 0; entry < 100; entry++) {
      gathering.applied(100, 10, ENTRY, now);
      for (int waiting = 10; gathering.remaining(waiting, now) > 0; now += 10_000) {
        waiting = Math.min(60, waiting + 5);
      }
      now += ENTRY;
    }
    assertThat(gathering.share()).isBetween(0.35, 0.75);
  }

  @Test
  void aWriteThatComesLaterThanTheWaitGoesAtOnce() {
    gathering.applied(3, 0, ENTRY, 0);
    assertThat(gathering.remaining(1, 50 * ENTRY)).isZero();
  }
}
