package org.ferrisdb.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ferrisdb.client.Bytes.utf8;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.ferrisdb.client.wire.ErrorCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The engine's parts one by one, each against a simple model. */
class EnginePartsTest {
  private static AnyCalls.StatusCall call(long start, long timeout) {
    return new AnyCalls.StatusCall("nowhere:1", start, timeout, true);
  }

  private static WriteCall<Version> write() {
    Batch batch = Batch.builder().put(utf8("k"), utf8("v")).build();
    return new WriteCall.Blind("put", utf8("k"), batch, 0, 1, true);
  }

  @Test
  void the_wheel_ends_every_call_at_its_deadline_and_none_before() {
    long seed = System.nanoTime();
    System.out.println("the_wheel_ends_every_call_at_its_deadline_and_none_before seed " + seed);
    Random random = new Random(seed);
    long now = random.nextLong() / 2;
    DeadlineWheel wheel = new DeadlineWheel(now);
    Set<Call<?>> live = new HashSet<>();
    long tick = TimeUnit.MILLISECONDS.toNanos(DeadlineWheel.TICK_MILLIS);
    for (int round = 0; round < 4000; round++) {
      for (int i = random.nextInt(4); i > 0; i--) {
        long timeout =
            TimeUnit.MILLISECONDS.toNanos(1 + random.nextInt(random.nextBoolean() ? 50 : 30_000));
        Call<?> call = call(now, timeout);
        wheel.add(call);
        live.add(call);
      }
      if (!live.isEmpty() && random.nextInt(3) == 0) {
        Call<?> ended = live.iterator().next();
        wheel.remove(ended);
        wheel.remove(ended);
        live.remove(ended);
      }
      now +=
          (long) (random.nextInt(40) == 0 ? random.nextInt(15_000) : random.nextInt(30))
              * 1_000_000;
      for (Call<?> expired : wheel.expired(now)) {
        assertThat(live.remove(expired)).isTrue();
        assertThat(expired.deadlineNanos - now).isLessThanOrEqualTo(0);
        wheel.remove(expired);
      }
      long latest = now - tick;
      assertThat(live).allMatch(call -> call.deadlineNanos - latest > 0);
      assertThat(wheel.size()).isEqualTo(live.size());
    }
    assertThat(new HashSet<>(wheel.all())).isEqualTo(live);
  }

  @Test
  void the_ledger_knows_the_lowest_open_write() {
    long seed = System.nanoTime();
    System.out.println("the_ledger_knows_the_lowest_open_write seed " + seed);
    Random random = new Random(seed);
    WriteLedger ledger = new WriteLedger(1, 2);
    TreeMap<Long, WriteCall<?>> open = new TreeMap<>();
    long given = 0;
    for (int i = 0; i < 20_000; i++) {
      if (open.size() < 50 && random.nextBoolean()) {
        WriteCall<?> call = write();
        ledger.open(call);
        assertThat(call.sequence).isEqualTo(++given);
        open.put(call.sequence, call);
      } else if (!open.isEmpty()) {
        Long some = open.ceilingKey(open.firstKey() + random.nextInt(10));
        WriteCall<?> call =
            Objects.requireNonNull(open.remove(some == null ? open.firstKey() : some));
        ledger.close(call);
        ledger.close(call);
      }
      assertThat(ledger.acknowledgedBelow())
          .isEqualTo(open.isEmpty() ? given + 1 : open.firstKey());
    }
  }

  @Test
  void submissions_come_out_in_order_and_only_the_first_wakes_the_loop() {
    SubmissionStack stack = new SubmissionStack();
    List<Call<?>> calls = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Call<?> call = call(0, 1);
      assertThat(stack.push(call)).isEqualTo(i == 0);
      calls.add(call);
    }
    ArrayDeque<Call<?>> taken = new ArrayDeque<>();
    for (Call<?> call = stack.takeAll(); call != null; call = call.nextSubmitted) {
      taken.add(call);
    }
    assertThat(new ArrayList<>(taken)).isEqualTo(calls);
    assertThat(stack.takeAll()).isNull();
  }

  @Test
  void the_clock_follows_the_oracle_and_its_own_time_never_backwards() {
    OracleClock clock = new OracleClock();
    assertThat(clock.known()).isFalse();
    clock.observe(0, 5);
    assertThat(clock.known()).isFalse();

    clock.observe(1_000_000L << 16, 0);
    assertThat(clock.expiry(0, 0) >>> 16).isEqualTo(1_000_000 + OracleClock.SLACK_MILLIS);
    long later = TimeUnit.SECONDS.toNanos(3);
    assertThat(clock.expiry(later, TimeUnit.SECONDS.toNanos(1)) >>> 16)
        .isEqualTo(1_004_000 + OracleClock.SLACK_MILLIS);
    clock.observe(1_000_500L << 16, later); // older than the estimate: a message that travelled
    assertThat(clock.expiry(later, 0) >>> 16).isEqualTo(1_003_000 + OracleClock.SLACK_MILLIS);
    clock.observe(2_000_000L << 16, later);
    assertThat(clock.expiry(later, 0) >>> 16).isEqualTo(2_000_000 + OracleClock.SLACK_MILLIS);
  }

  @Test
  void backoff_doubles_to_its_longest_and_half_of_it_is_random() {
    Backoff backoff = new Backoff(10, 100, new Random(1));
    for (int failures = 1; failures < 100; failures++) {
      long full = TimeUnit.MILLISECONDS.toNanos(Math.min(100, 10L << Math.min(20, failures - 1)));
      for (int i = 0; i < 20; i++) {
        assertThat(backoff.nanosAfter(failures)).isBetween(full / 2, full);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void no_error_in_limbo_leads_to_a_new_command(ErrorCode code) {
    assertThat(AttemptFailure.stepFor(code, true)).isNotEqualTo(AttemptFailure.Step.NEW_COMMAND);
    assertThat(AttemptFailure.stepFor(code, false) == AttemptFailure.Step.NEW_COMMAND)
        .isEqualTo(code == ErrorCode.EXPIRED);
  }
}
