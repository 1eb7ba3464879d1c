package org.ferrisdb.storage.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.flow.MemtableBudget.Usage;
import org.ferrisdb.storage.testing.Seeds;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Who is flushed when memory runs out, and who waits for whom. */
final class MemtableBudgetTest {
  private final StorageException broken = new StorageException.Refused("disk");

  /** Flushes when the test says so. */
  private static final class FakeEngine implements MemtableBudget.Engine {
    final MemtableBudget.Account account;
    long active;
    long frozen;
    int freezes;
    int wakeUps;
    boolean freezable = true;
    @Nullable StorageException error;

    FakeEngine(MemtableBudget budget) {
      account = budget.register(this);
    }

    void write(long bytes) {
      active += bytes;
      account.written(active);
    }

    void flush() {
      frozen = 0;
      error = null;
      account.report();
    }

    @Override
    public Usage usage() {
      return new Usage(active, frozen, freezable, error);
    }

    @Override
    public void freezeSoon() {
      freezes++;
      frozen += active;
      active = 0;
    }

    @Override
    public void roomAgain() {
      wakeUps++;
    }

    @Override
    public void retryFlush() {
      flush();
    }
  }

  private static Usage active(long bytes) {
    return new Usage(bytes, 0, true, null);
  }

  @Test
  void the_largest_active_memtable_is_chosen_that_can_be() {
    assertThat(MemtableBudget.largest(List.of())).isEqualTo(-1);
    assertThat(MemtableBudget.largest(List.of(active(0), active(0)))).isEqualTo(-1);
    assertThat(MemtableBudget.largest(List.of(active(3), active(7), active(5)))).isEqualTo(1);
    assertThat(MemtableBudget.largest(List.of(active(7), active(7)))).isZero();
    Usage replaying = new Usage(90, 0, false, null);
    Usage flushing = new Usage(4, 1_000, true, null);
    assertThat(MemtableBudget.largest(List.of(replaying, flushing, active(5)))).isEqualTo(2);
  }

  @Test
  void something_is_frozen_from_three_quarters_on_unless_enough_is_on_its_way() {
    assertThat(MemtableBudget.mustFreeze(749, 0, 1_000)).isFalse();
    assertThat(MemtableBudget.mustFreeze(750, 0, 1_000)).isTrue();
    assertThat(MemtableBudget.mustFreeze(400, 350, 1_000)).isTrue();
    assertThat(MemtableBudget.mustFreeze(370, 380, 1_000)).isFalse();
    assertThat(MemtableBudget.mustFreeze(299, 700, 1_000)).isFalse();
    assertThat(MemtableBudget.mustFreeze(300, 700, 1_000))
        .isTrue(); // small tables are better than none
    assertThat(MemtableBudget.mustFreeze(0, 1_000, 1_000)).isFalse();
    assertThat(MemtableBudget.mustFreeze(1L << 40, 0, MemtableBudget.UNLIMITED)).isFalse();
  }

  @Test
  void whoever_waits_is_only_told_to_give_up_when_no_flush_works() {
    Usage failing = new Usage(0, 10, true, broken);
    assertThat(MemtableBudget.hopeless(List.of())).isNull();
    assertThat(MemtableBudget.hopeless(List.of(active(5)))).isNull();
    assertThat(MemtableBudget.hopeless(List.of(failing, active(5)))).isSameAs(broken);
    assertThat(MemtableBudget.hopeless(List.of(failing, new Usage(0, 10, true, null)))).isNull();
    assertThat(MemtableBudget.hopeless(List.of(new Usage(5, 0, true, broken)))).isNull();
  }

  @Test
  void an_idle_engine_is_flushed_for_a_busy_one() {
    MemtableBudget budget = new MemtableBudget(1_000);
    FakeEngine idle = new FakeEngine(budget);
    FakeEngine busy = new FakeEngine(budget);
    idle.write(500);
    busy.write(200);
    assertThat(idle.freezes + busy.freezes).isZero();
    busy.write(60);
    assertThat(idle.freezes).isEqualTo(1);
    assertThat(busy.freezes).isZero();
    assertThat(budget.held()).isEqualTo(760);
    assertThat(budget.full()).isFalse();
    busy.write(240);
    assertThat(budget.full()).isTrue();
    assertThat(busy.freezes).as("500 of 1,000 bytes active: more than enough is left").isEqualTo(1);
    budget.waitBegins();
    idle.flush();
    assertThat(busy.wakeUps).isEqualTo(1);
    assertThat(budget.full()).isFalse();
    budget.waitEnds();
    busy.flush();
    assertThat(busy.wakeUps).as("nobody waits any more").isEqualTo(1);
    assertThat(budget.held()).isZero();
  }

  @Test
  void an_engine_that_closes_gives_back_what_it_held() {
    MemtableBudget budget = new MemtableBudget(1_000);
    FakeEngine one = new FakeEngine(budget);
    FakeEngine other = new FakeEngine(budget);
    one.freezable = false;
    one.write(1_000);
    assertThat(budget.full()).isTrue();
    budget.waitBegins();
    one.account.close();
    assertThat(budget.held()).isZero();
    assertThat(other.wakeUps).isEqualTo(1);
    one.write(500);
    assertThat(budget.held()).as("it is no longer counted").isZero();
  }

  @Test
  void small_changes_are_gathered_and_large_limits_still_kept() {
    MemtableBudget budget = new MemtableBudget(4_096_000);
    FakeEngine engine = new FakeEngine(budget);
    for (int i = 0; i < 10; i++) {
      engine.write(100);
    }
    assertThat(budget.held()).isZero();
    engine.write(100);
    assertThat(budget.held()).isEqualTo(1_100);
  }

  @Test
  void without_a_limit_it_only_adds_up() {
    MemtableBudget budget = new MemtableBudget(MemtableBudget.UNLIMITED);
    FakeEngine engine = new FakeEngine(budget);
    engine.write(1L << 40);
    engine.freezeSoon();
    engine.write(5);
    assertThat(budget.held()).isEqualTo((1L << 40) + 5);
    assertThat(budget.full()).isFalse();
    assertThat(budget.pressure()).isZero();
    assertThat(engine.freezes).isEqualTo(1);
  }

  /** However engines write and flush: whoever stops for memory can be sure of a flush to come. */
  @Test
  void a_full_budget_always_has_something_on_its_way_to_disk() {
    Random random = Seeds.random("MemtableBudgetTest", 7);
    for (int round = 0; round < 200; round++) {
      long limit = random.nextLong(1_000, 100_000);
      MemtableBudget budget = new MemtableBudget(limit);
      List<FakeEngine> engines = new ArrayList<>();
      for (int i = random.nextInt(1, 9); i > 0; i--) {
        engines.add(new FakeEngine(budget));
      }
      for (int step = 0; step < 500; step++) {
        FakeEngine engine = engines.get(random.nextInt(engines.size()));
        if (random.nextInt(10) == 0) {
          engine.flush();
        } else if (!budget.full()) {
          engine.write(random.nextLong(1 + limit / 20));
        }
        long active = engines.stream().mapToLong(e -> e.active).sum();
        long frozen = engines.stream().mapToLong(e -> e.frozen).sum();
        assertThat(active + frozen).isLessThan(limit + limit / 10);
        if (budget.full()) {
          assertThat(frozen).isGreaterThan(limit / 2);
        }
      }
    }
  }
}
