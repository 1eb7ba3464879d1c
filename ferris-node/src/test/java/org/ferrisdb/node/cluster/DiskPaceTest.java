package org.ferrisdb.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.ferrisdb.raft.LogEnd;
import org.ferrisdb.shard.map.ShardId;
import org.junit.jupiter.api.Test;

/** A script is one look a quarter of a second: the log's last index / the one on disk. */
class DiskPaceTest {
  private static final long QUARTER = 250_000_000L;

  private final DiskPace pace = new DiskPace();
  private long now = 7_000_000_000L;

  /** One letter a look: S for slow. */
  private String looks(String script) {
    StringBuilder out = new StringBuilder();
    for (String look : script.split(" ")) {
      String[] end = look.split("/");
      LogEnd log = new LogEnd(Long.parseLong(end[0]), Long.parseLong(end[1]));
      now += QUARTER;
      out.append(pace.look(Map.of(new ShardId(1), log), now) ? 'S' : '.');
    }
    return out.toString();
  }

  @Test
  void a_log_that_is_on_disk_by_the_next_look_is_no_sign_of_anything() {
    assertThat(looks("5/5 9/7 12/9 20/15 20/20 20/20")).isEqualTo("......");
  }

  @Test
  void three_late_syncs_within_two_seconds_are_a_slow_disk() {
    assertThat(looks("5/5 9/5 9/5 12/9 13/9 13/9")).as("late at the 3rd, 5th, 6th").endsWith(".S");
  }

  @Test
  void a_hiccup_is_none() {
    assertThat(looks("5/5 9/5 9/5 9/5 9/9 9/9 9/9 9/9 9/9 9/9 9/9 15/9 15/9 15/9 16/16"))
        .doesNotContain("S");
  }

  @Test
  void it_is_slow_until_it_was_not_late_for_ten_seconds() {
    assertThat(looks("5/5 9/5 9/5 9/5 9/5")).endsWith("S");
    String after = looks("9/9 ".repeat(45).strip());
    assertThat(after.indexOf('.')).isEqualTo(39);
    assertThat(after.substring(39)).doesNotContain("S");
  }

  @Test
  void a_process_that_stood_still_learns_nothing_of_its_disk() {
    for (int i = 0; i < 10; i++) {
      now += 2_000_000_000L;
      assertThat(looks("9/5")).isEqualTo(".");
    }
  }

  @Test
  void a_log_that_was_cut_off_or_is_being_opened_is_not_late() {
    assertThat(looks("9/9 20/9 9/9 20/9 9/9 20/9 9/9")).isEqualTo(".......");
    assertThat(looks("-1/-1 9/9 -1/-1 9/9")).isEqualTo("....");
  }
}
