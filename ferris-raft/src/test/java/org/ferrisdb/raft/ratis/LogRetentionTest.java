package org.ferrisdb.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
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
    assertThat(LogRetention.purgeUpTo(LOG, 349, 0, 0)).isEqualTo(299);
    assertThat(LogRetention.purgeUpTo(LOG, 98, 0, 0)).isEqualTo(-1);
  }

  @Test
  void the_last_entries_are_kept_while_they_are_not_too_many_bytes() {
    assertThat(LogRetention.purgeUpTo(LOG, 999, 250, 1000)).isEqualTo(699);
    assertThat(LogRetention.purgeUpTo(LOG, 999, 100_000, 1000)).isEqualTo(-1);
  }

  @Test
  void over_the_bytes_entries_go_though_they_are_recent() {
    assertThat(LogRetention.purgeUpTo(LOG, 999, 100_000, 35)).isEqualTo(699);
    assertThat(LogRetention.purgeUpTo(LOG, 999, 100_000, 0)).isEqualTo(999);
  }

  @Test
  void an_empty_log_has_nothing_to_go() {
    assertThat(LogRetention.purgeUpTo(new LogFiles(List.of(), 8), 999, 0, 0)).isEqualTo(-1);
  }
}
