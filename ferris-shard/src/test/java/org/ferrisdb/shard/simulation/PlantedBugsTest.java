package org.ferrisdb.shard.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.ferrisdb.storage.testing.Mutant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A simulation that has caught nothing proves nothing. */
class PlantedBugsTest {
  private static final int MOST_SEEDS = Integer.getInteger("ferris.simulation.mutantSeeds", 8000);
  private static final int HARMLESS_SEEDS = 150;

  static List<Mutant> bugs() {
    return PlantedBugs.all();
  }

  static List<Mutant> harmless() {
    return PlantedBugs.harmless();
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void a_planted_bug_is_found(Mutant mutant) throws IOException {
    PlantedMain.Found found = PlantedMain.find(mutant, 1, 1, MOST_SEEDS);
    System.out.println(found.row());
    assertThat(found.worst()).as("%s", mutant.what()).isLessThanOrEqualTo(MOST_SEEDS);
  }

  @ParameterizedTest
  @MethodSource("harmless")
  void a_change_that_is_made_up_for_elsewhere_is_not(Mutant mutant) throws IOException {
    PlantedMain.Found found = PlantedMain.find(mutant, 1, 1, HARMLESS_SEEDS);
    assertThat(found.violation()).as("%s: no longer harmless", mutant.what()).isEmpty();
  }
}
