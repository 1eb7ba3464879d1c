package org.ferrisdb.integration.torture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.ferrisdb.integration.torture.Rhythm.Beat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RhythmTest {
  static IntStream seconds() {
    return IntStream.of(5, 8, 12, 20, 60, 300);
  }

  @ParameterizedTest
  @MethodSource("seconds")
  void strikesFollowEachOtherAndEndBeforeTheTail(int seconds) {
    for (long seed = 0; seed < 200; seed++) {
      List<Beat> beats = Rhythm.of(seconds, new Random(seed));
      assertThat(beats).as("seed " + seed).isNotEmpty();
      int last = 0;
      for (Beat beat : beats) {
        assertThat(beat.strikeMillis()).as("seed " + seed).isGreaterThan(last);
        assertThat(beat.healMillis()).as("seed " + seed).isGreaterThan(beat.strikeMillis());
        last = beat.healMillis();
      }
      assertThat(seconds * 1_000 - last)
          .as("the tail, seed " + seed)
          .isGreaterThanOrEqualTo(Math.min(5_000, seconds * 250));
    }
  }

  @ParameterizedTest
  @MethodSource("seconds")
  void theSameSeedGivesTheSameRhythm(int seconds) {
    assertThat(Rhythm.of(seconds, new Random(5))).isEqualTo(Rhythm.of(seconds, new Random(5)));
  }
}
