package org.ferrisdb.node;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class MemoryBudgetTest {
  private static final long MIB = 1 << 20;

  @Test
  void allPartsTogetherAreTheWhole() {
    MemoryBudget budget = MemoryBudget.of(800 * MIB, 0);
    assertThat(budget.pools().values().stream().mapToLong(Long::longValue).sum())
        .isEqualTo(800 * MIB);
    assertThat(budget.memtables()).isEqualTo(200 * MIB);
    assertThat(budget.inFlight()).isEqualTo(100 * MIB);
    assertThat(budget.describe()).contains("memtables 200 MiB", "a memtable at most 16 MiB");
  }

  @Test
  void oneMemtableTakesAQuarterOfTheirShareAtMost() {
    assertThat(MemoryBudget.of(8_000 * MIB, 0).memtableBytes()).isEqualTo(16 * MIB);
    assertThat(MemoryBudget.of(128 * MIB, 0).memtableBytes()).isEqualTo(8 * MIB);
    assertThat(MemoryBudget.of(2 * MIB, 0).memtableBytes()).isEqualTo(MIB);
  }
}
