package org.ferrisdb.shard.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ferrisdb.shard.ShardRequests.WriteOutcome;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The checker on histories made by hand, right ones and wrong ones. Times are in any unit. */
class RegisterCheckerTest {
  private final List<Op> history = new ArrayList<>();

  private Op op(Op.Kind kind, long from, long to, Op.Status status) {
    Op op = new Op(history.size(), 1, kind, from);
    op.completed = to;
    op.status = status;
    history.add(op);
    return op;
  }

  private Op write(@Nullable String value, long from, long to, Op.Status status) {
    Op op = op(Op.Kind.WRITE, from, to, status);
    op.mutations.put("k", value);
    if (status == Op.Status.OK) {
      op.outcome = new WriteOutcome.Committed(1);
    }
    return op;
  }

  private void swap(@Nullable String expected, String value, long from, long to, boolean done) {
    Op op = write(value, from, to, Op.Status.OK);
    op.condition = new Op.Condition("k", expected);
    op.outcome =
        done ? new WriteOutcome.Committed(1) : new WriteOutcome.ConditionFailed(0, true, 1);
  }

  private void read(@Nullable String value, long from, long to) {
    Op op = op(Op.Kind.GET, from, to, Op.Status.OK);
    op.keys.add("k");
    op.answer = new Op.ReadAnswer(1, value == null ? Map.of() : Map.of("k", new Op.Seen(value, 1)));
  }

  private void right() {
    assertThat(RegisterChecker.check(history)).isNull();
  }

  private void wrong() {
    assertThat(RegisterChecker.check(history)).contains("not linearizable: k");
  }

  @Test
  void reads_during_a_write_may_see_it_or_not() {
    write("a", 0, 10, Op.Status.OK);
    read(null, 1, 2);
    read("a", 3, 4);
    right();
  }

  @Test
  void what_was_seen_stays_seen() {
    write("a", 0, 10, Op.Status.OK);
    read("a", 1, 2);
    read(null, 3, 4);
    wrong();
  }

  @Test
  void a_stale_read_is_wrong() {
    write("a", 0, 1, Op.Status.OK);
    write("b", 2, 3, Op.Status.OK);
    read("a", 4, 5);
    wrong();
  }

  @Test
  void a_lost_write_is_wrong() {
    write("a", 0, 1, Op.Status.OK);
    read(null, 2, 3);
    wrong();
  }

  @Test
  void a_value_that_nobody_wrote_is_wrong() {
    read("ghost", 0, 1);
    wrong();
  }

  @Test
  void a_write_that_was_refused_must_not_be_seen() {
    write("a", 0, 1, Op.Status.FAIL);
    read("a", 2, 3);
    wrong();
  }

  @Test
  void an_unknown_write_may_come_late_or_never() {
    write("a", 0, 1, Op.Status.INFO);
    read(null, 2, 3);
    read("a", 4, 5);
    right();
  }

  @Test
  void an_unknown_write_does_not_come_and_go() {
    write("a", 0, 1, Op.Status.INFO);
    read("a", 2, 3);
    read(null, 4, 5);
    wrong();
  }

  @Test
  void of_two_swaps_of_the_same_value_one_fails() {
    write("a", 0, 1, Op.Status.OK);
    swap("a", "b", 2, 9, true);
    swap("a", "c", 2, 9, false);
    right();
    swap("a", "d", 2, 9, true);
    wrong();
  }

  @Test
  void a_swap_does_not_fail_on_what_is_there() {
    write("a", 0, 1, Op.Status.OK);
    swap("a", "b", 2, 3, false);
    wrong();
  }

  @Test
  void a_deleted_value_is_gone() {
    write("a", 0, 1, Op.Status.OK);
    write(null, 2, 3, Op.Status.OK);
    read(null, 4, 5);
    right();
    read("a", 6, 7);
    wrong();
  }
}
