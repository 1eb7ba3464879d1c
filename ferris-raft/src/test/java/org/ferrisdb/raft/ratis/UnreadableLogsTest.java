package org.ferrisdb.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.ferrisdb.raft.GroupId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads that fail: for now, or for good. */
class UnreadableLogsTest {
  private static final GroupId GROUP = new GroupId(UUID.randomUUID());

  @TempDir Path directory;
  private final AtomicLong nanos = new AtomicLong();
  private final UnreadableLogs logs = new UnreadableLogs(nanos::get);

  private boolean afterwards(Duration time) {
    nanos.addAndGet(time.toNanos());
    return logs.isDamage(GROUP, directory);
  }

  @Test
  void a_log_that_stays_unreadable_on_a_disk_that_works_is_damaged() {
    assertThat(afterwards(Duration.ZERO)).isFalse();
    assertThat(afterwards(Duration.ofSeconds(59))).isFalse();
    assertThat(afterwards(Duration.ofSeconds(1))).isTrue();
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void a_log_that_could_be_read_in_between_is_not() {
    assertThat(afterwards(Duration.ZERO)).isFalse();
    logs.forget(GROUP);
    assertThat(afterwards(Duration.ofSeconds(90))).isFalse();
  }

  @Test
  void on_a_disk_that_takes_no_writes_either_no_log_is() throws Exception {
    assertThat(afterwards(Duration.ZERO)).isFalse();
    Files.delete(directory);
    assertThat(afterwards(Duration.ofSeconds(90))).isFalse();
    Files.createDirectory(directory);
    assertThat(afterwards(Duration.ofSeconds(1))).as("the minute begins anew").isFalse();
    assertThat(afterwards(Duration.ofSeconds(60))).isTrue();
  }

  /** Of a directory the kernel gives no bytes, as it gives none of a sector that is worn out. */
  @Test
  void a_segment_that_the_disk_does_not_give_is_told_from_a_damaged_one() throws Exception {
    DurableVote.create(directory, 1);
    Files.createDirectory(directory.resolve("log_0-9"));
    assertThatExceptionOfType(LogFiles.Unreadable.class)
        .isThrownBy(() -> LogFiles.damage(directory))
        .withMessageContaining("log_0-9 can not be read at 0");
  }
}
