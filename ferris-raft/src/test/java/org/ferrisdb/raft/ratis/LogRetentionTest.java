package org.ferrisdb.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.ferrisdb.raft.GroupStatus.FollowerProgress;
import org.ferrisdb.raft.LogHold;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.ratis.LogRetention.Keep;
import org.ferrisdb.raft.ratis.LogRetention.LogFiles;
import org.ferrisdb.raft.ratis.LogRetention.Segment;
import org.junit.jupiter.api.Test;

class LogRetentionTest {
  /** Ten segments of 100 entries and 10 bytes each, 5 bytes in the one being written. */
  private static final LogFiles LOG =
      new LogFiles(
          LongStream.range(0, 10).mapToObj(i -> new Segment(i * 100, i * 100 + 99, 10)).toList(),
          105);

  @Test
  void nothing_that_is_not_durable_goes() {
    assertThat(upTo(349, 0, 0)).isEqualTo(299);
    assertThat(upTo(98, 0, 0)).isEqualTo(-1);
  }

  @Test
  void the_last_entries_are_kept_while_they_are_not_too_many_bytes() {
    assertThat(upTo(999, 250, 1000)).isEqualTo(699);
    assertThat(upTo(999, 100_000, 1000)).isEqualTo(-1);
  }

  @Test
  void over_the_bytes_entries_go_though_they_are_recent() {
    assertThat(upTo(999, 100_000, 35)).isEqualTo(699);
    assertThat(upTo(999, 100_000, 0)).isEqualTo(999);
  }

  @Test
  void what_a_member_needs_that_is_catching_up_is_kept_up_to_a_limit() {
    assertThat(LogRetention.purgeUpTo(LOG, 999, new Keep(0, 0, 350, 1000))).isEqualTo(299);
    assertThat(LogRetention.purgeUpTo(LOG, 349, new Keep(0, 0, 550, 1000))).isEqualTo(299);
    assertThat(LogRetention.purgeUpTo(LOG, 999, new Keep(0, 0, 350, 45))).isEqualTo(599);
    assertThat(LogRetention.purgeUpTo(LOG, 999, new Keep(0, 0, 0, 1000))).isEqualTo(-1);
  }

  @Test
  void the_slowest_member_that_answers_and_can_go_on_by_the_log_is_waited_for() {
    Duration answering = Duration.ofSeconds(5);
    FollowerProgress near = new FollowerProgress(node(1), 900, 10, false);
    FollowerProgress far = new FollowerProgress(node(2), 400, 10, false);
    FollowerProgress dead = new FollowerProgress(node(3), 300, 5_001, false);
    FollowerProgress fetching = new FollowerProgress(node(4), -1, 10, true);
    FollowerProgress fetched = new FollowerProgress(node(5), -1, 10, false);
    assertThat(LogRetention.neededFrom(200, List.of(), answering)).isEqualTo(Long.MAX_VALUE);
    assertThat(LogRetention.neededFrom(200, List.of(near, far, dead, fetching), answering))
        .isEqualTo(401);
    assertThat(LogRetention.neededFrom(200, List.of(dead, fetching), answering))
        .isEqualTo(Long.MAX_VALUE);
    // of one that has just put its checkpoint in place nothing is confirmed yet
    assertThat(LogRetention.neededFrom(200, List.of(near, fetched), answering)).isEqualTo(200);
  }

  @Test
  void of_several_claims_the_first_counts_until_it_ends() {
    LogHolds holds = new LogHolds();
    assertThat(holds.first()).isEqualTo(Long.MAX_VALUE);
    LogHold one = holds.add();
    assertThat(holds.first()).as("where it begins is not known yet").isZero();
    one.from(70);
    LogHold other = holds.add();
    other.from(50);
    assertThat(holds.first()).isEqualTo(50);
    other.close();
    other.close();
    assertThat(holds.first()).isEqualTo(70);
    one.close();
    assertThat(holds.first()).isEqualTo(Long.MAX_VALUE);
  }

  private static NodeId node(int number) {
    return new NodeId(String.format("%016x", number));
  }

  private static Keep keep(long entries, long bytes) {
    return new Keep(entries, bytes, Long.MAX_VALUE, Long.MAX_VALUE);
  }

  private static long upTo(long durable, long keepEntries, long keepBytes) {
    return LogRetention.purgeUpTo(LOG, durable, keep(keepEntries, keepBytes));
  }

  @Test
  void an_empty_log_has_nothing_to_go() {
    assertThat(LogRetention.purgeUpTo(new LogFiles(List.of(), 8), 999, keep(0, 0))).isEqualTo(-1);
  }
}
