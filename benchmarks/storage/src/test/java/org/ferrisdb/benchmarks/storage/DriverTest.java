package org.ferrisdb.benchmarks.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DriverTest {
  private static final Data DATA = new Data(2_000, 100);

  /** The driver itself checks that every record is found and that scans are complete. */
  @ParameterizedTest
  @EnumSource
  void everyContestantDoesAllThatItCan(Contestant contestant, @TempDir Path directory) {
    List<Measurement> results = new ArrayList<>();
    new Driver(contestant, directory, DATA, 0.02, results::add).run(List.of(Workload.values()));
    List<String> expected =
        Arrays.stream(Workload.values()).filter(contestant::does).map(Workload::id).toList();
    assertThat(results).extracting(Measurement::workload).containsExactlyElementsOf(expected);
    assertThat(results).allMatch(m -> m.operations() > 0 && m.seconds() > 0 && m.max() >= m.p50());
    assertThat(results).allMatch(m -> m.userMb() == 0 || m.writeAmplification() > 0);
    for (Measurement m : results) {
      if (m.workload().equals(Workload.FILLRANDOM.id())) {
        assertThat(m.userMb()).isEqualTo(DATA.rawBytes() / 1e6);
        // What is put goes to a log at least, or to where it is to stay.
        assertThat(m.writtenMb()).isGreaterThan(m.userMb() / 2);
      }
    }
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void everyRecordComesOnceInTheRandomOrder() {
    for (int records : new int[] {1_000, 1_597, 2_000, 4_181}) {
      Set<Long> numbers = new HashSet<>();
      Data data = new Data(records, 1);
      for (int i = 0; i < records; i++) {
        numbers.add(data.permuted(i));
      }
      assertThat(numbers).hasSize(records).allMatch(n -> n >= 0 && n < records);
    }
  }

  /**
   * A larger heap than the machine has, or a cache larger than the heap, would measure swapping.
   */
  @ParameterizedTest
  @EnumSource
  void theCacheOfEachProfileFitsInItsHeap(Profile profile) {
    Data data = profile.data();
    assertThat(Sizes.cacheBytes(data)).isLessThan((long) Sizes.heapMb(data) << 19);
    assertThat(Sizes.smallCacheBytes(data)).isLessThan(data.rawBytes() / 4);
    if (profile != Profile.M20) {
      assertThat(Sizes.cacheBytes(data)).isGreaterThan(data.rawBytes());
    }
  }
}
