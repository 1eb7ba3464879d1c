package org.ferrisdb.shard.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.ferrisdb.shard.ShardRequests.WriteOutcome.Committed;
import org.ferrisdb.shard.Timestamps;
import org.ferrisdb.shard.state.EntryBody.Command;
import org.ferrisdb.shard.state.OutcomeTable.Found;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutcomeTableTest {
  private static final ClientId A = new ClientId(1, 1);
  private static final ClientId B = new ClientId(2, 2);

  private final OutcomeTable table = new OutcomeTable();

  private static long at(long seconds) {
    return Timestamps.ofMillis(seconds * 1000);
  }

  private static Command command(
      ClientId client, long sequence, long below, long expiry, long timestamp) {
    return new Command(
        client, sequence, below, expiry, timestamp, new Committed(timestamp), List.of());
  }

  @Test
  void an_outcome_is_known_until_its_expiry_has_passed_in_the_log() {
    table.add(1, List.of(command(A, 1, 0, at(10), at(1))));
    assertThat(table.find(A, 1)).isEqualTo(new Found.Known(new Committed(at(1))));
    assertThat(table.find(A, 2)).isInstanceOf(Found.Fresh.class);
    table.advance(at(10));
    assertThat(table.find(A, 1)).isInstanceOf(Found.Known.class);
    table.advance(at(10) + 1);
    assertThat(table.find(A, 1)).isInstanceOf(Found.Fresh.class);
    table.advance(at(12));
    assertThat(table.size()).isZero();
    assertThat(table.takeDeadRecords(10)).containsExactly(1L);
  }

  @Test
  void an_acknowledged_outcome_is_forgotten_but_not_that_it_was() {
    table.add(1, List.of(command(A, 1, 0, at(100), at(1))));
    table.add(2, List.of(command(A, 5, 5, at(10), at(2))));
    assertThat(table.size()).isEqualTo(1);
    assertThat(table.find(A, 1)).isInstanceOf(Found.Forgotten.class);
    // The newest command expires early; a duplicate of the first may come until second 100.
    table.advance(at(50));
    assertThat(table.find(A, 1)).isInstanceOf(Found.Forgotten.class);
    table.advance(at(102));
    assertThat(table.describe()).isEmpty();
  }

  @Test
  void who_finds_nothing_can_tell_by_the_clock_whether_it_was_forgotten() throws Exception {
    AtomicLong added = new AtomicLong();
    try (ExecutorService threads = Executors.newFixedThreadPool(1)) {
      Future<?> applying =
          threads.submit(() -> {
            for (int i = 1; i <= 100_000; i++) {
              table.add(i, List.of(command(A, i, 0, at(i), at(i))));
              added.set(i);
              table.advance(at(i + 2));
              table.takeDeadRecords(10);
            }
          });
      while (!applying.isDone()) {
        long sequence = added.get();
        if (sequence > 0 && table.find(A, sequence) instanceof Found.Fresh) {
          assertThat(table.clock()).isGreaterThan(at(sequence));
        }
      }
      applying.get();
    }
    assertThat(table.clock()).isEqualTo(at(100_002));
  }

  @Test
  void a_record_is_deleted_when_no_row_in_it_is_needed() {
    table.add(1, List.of(command(A, 1, 0, at(50), at(1)), command(B, 1, 0, at(20), at(2))));
    table.add(2, List.of(command(A, 2, 2, at(60), at(3))));
    assertThat(table.takeDeadRecords(10)).isEmpty();
    table.advance(at(22));
    assertThat(table.takeDeadRecords(10)).containsExactly(1L);
    assertThat(table.takeDeadRecords(10)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15})
  void a_table_loaded_from_its_records_is_the_table_and_nothing_leaks(long seed) {
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    TreeMap<Long, byte[]> disk = new TreeMap<>();
    long now = at(100);
    long[] sequences = new long[20];
    OutcomeTable running = new OutcomeTable();
    for (long index = 1; index < 2000; index++) {
      List<Command> commands = new ArrayList<>();
      for (int i = random.nextInt(4); i >= 0; i--) {
        now += random.nextInt(5_000) * 65_536L / 10;
        int c = random.nextInt(sequences.length);
        long sequence = ++sequences[c];
        long below = Math.max(0, sequence - random.nextInt(5));
        long expiry = now + random.nextInt(20_000) * 65_536L;
        commands.add(command(new ClientId(c, c), sequence, below, expiry, now));
      }
      disk.put(index, running.add(index, commands));
      running.advance(now);
      for (long dead : running.takeDeadRecords(random.nextInt(5))) {
        assertThat(disk.remove(dead)).isNotNull();
      }
      if (index % 100 == 0) {
        OutcomeTable loaded = new OutcomeTable();
        disk.forEach(loaded::load);
        loaded.advance(now);
        assertThat(loaded.describe()).isEqualTo(running.describe());
        assertThat(loaded.size()).isEqualTo(running.size());
        if (random.nextBoolean()) {
          running = loaded; // a restart
        }
      }
    }
    running.advance(now + at(3600));
    running.takeDeadRecords(Integer.MAX_VALUE).forEach(disk::remove);
    assertThat(running.size()).isZero();
    assertThat(running.describe()).isEmpty();
    assertThat(disk).isEmpty();
  }
}
