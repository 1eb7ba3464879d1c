package org.ferrisdb.integration.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class BudgetTest {
  private static final List<String> FAULTS =
      List.of("none", "slow-links", "kill-one", "restart", "kill-all", "all");

  @Test
  void muchTimeIsSpreadOverAllCells() {
    Budget budget = Budget.of(10, FAULTS, true, 1);
    assertThat(budget.faults()).isEqualTo(FAULTS);
    assertThat(budget.leftOut()).isEmpty();
    assertThat(budget.seconds()).isEqualTo(600 / 6 - Budget.OVERHEAD_SECONDS);
  }

  @Test
  void aCellIsNeverLongerThanItsCheckersLike() {
    assertThat(Budget.of(1_000, FAULTS, true, 1).seconds()).isEqualTo(Budget.MOST_SECONDS);
  }

  @Test
  void littleTimeGoesToTheFaultsThatFindMostInTheOrderOfTheTable() {
    Budget budget = Budget.of(1, FAULTS, true, 1);
    assertThat(budget.faults()).containsExactly("none", "kill-one", "kill-all");
    assertThat(budget.leftOut()).containsExactly("slow-links", "restart", "all");
    assertThat(budget.seconds()).isGreaterThanOrEqualTo(Budget.LEAST_SECONDS);
  }

  @Test
  void seedsShareTheTime() {
    assertThat(Budget.of(60, FAULTS, true, 3).seconds())
        .isEqualTo(3_600 / 18 - Budget.OVERHEAD_SECONDS);
  }

  @Test
  void whatWasAskedForByNameIsNotLeftOut() {
    assertThatThrownBy(() -> Budget.of(1, FAULTS, false, 1))
        .isInstanceOfSatisfying(
            TortureException.class,
            e ->
                assertThat(e.line())
                    .isEqualTo(
                        "1 min is too short for 6 cells; give it --minutes 2, or --seconds of"
                            + " each cell"));
  }
}
