package org.ferrisdb.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.ferrisdb.shard.ShardException.Applied;
import org.ferrisdb.shard.ShardException.Reason;
import org.ferrisdb.shard.testing.ShardCluster;
import org.ferrisdb.shard.testing.ShardCluster.Client;
import org.ferrisdb.storage.StorageException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A replica whose files are not what was written: it answers nothing, and can be rebuilt. */
class CorruptReplicaTest {
  @TempDir Path directory;
  private ShardCluster cluster;

  @BeforeEach
  void start() throws IOException {
    cluster = ShardCluster.started(directory);
    Client client = cluster.client(1);
    for (int i = 0; i < 50; i++) {
      cluster.commit(0, client.put("k" + i, "value " + i));
    }
    cluster.replica(0).flush();
    for (Path table : tables(directory.resolve("n0"))) {
      byte[] bytes = Files.readAllBytes(table);
      for (int at = 100; at < bytes.length; at += 100) {
        bytes[at] ^= 1; // every block
      }
      Files.write(table, bytes);
    }
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private static List<Path> tables(Path replica) throws IOException {
    try (Stream<Path> files = Files.walk(replica)) {
      List<Path> found = files.filter(f -> f.toString().endsWith(".sst")).toList();
      assertThat(found).isNotEmpty();
      return found;
    }
  }

  @Test
  void a_read_that_finds_it_ends_the_replicas_service_and_its_leadership() {
    assertThat(cluster.replica(0).corruption()).isNull();
    ShardException failure = cluster.failure(cluster.get(0, "k7", 0));
    assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
    assertThat(failure.applied()).isEqualTo(Applied.NO);
    assertThat(cluster.replica(0).corruption()).contains(".sst");
    assertThat(cluster.replica(0).status().failure()).contains("corrupt").contains(".sst");
    assertThat(cluster.replica(0).status().serving()).isFalse();
    assertThat(cluster.group.member(0).stepDowns()).isEqualTo(1);
    assertThat(cluster.failure(cluster.scan(0, 0)).reason()).isEqualTo(Reason.UNAVAILABLE);
    // Others go on, and if it is elected again it passes that on.
    cluster.electAndAwait(1);
    assertThat(cluster.read(1, "k7")).isEqualTo("value 7");
    cluster.group.elect(0);
    assertThat(cluster.group.member(0).stepDowns()).isEqualTo(2);
    assertThat(cluster.replica(0).status().leading()).isFalse();
  }

  @Test
  void a_scan_and_a_checkpoint_find_it_too() {
    Path copy = directory.resolve("copy");
    assertThatThrownBy(() -> cluster.replica(0).checkpoint(copy))
        .isInstanceOf(StorageException.Corruption.class);
    assertThat(cluster.replica(0).corruption()).contains(".sst");
    assertThat(cluster.failure(cluster.scan(0, 0)).reason()).isEqualTo(Reason.UNAVAILABLE);
  }

  @Test
  void what_was_found_once_is_not_opened_again_until_it_is_rebuilt() throws IOException {
    cluster.failure(cluster.scan(0, 0));
    cluster.replica(0).markDamaged("found\nby a scan");
    cluster.electAndAwait(1);
    cluster.commit(1, cluster.client(2).put("later", "1"));
    ShardReplica again = cluster.stopped(0);
    assertThatThrownBy(again::open)
        .isInstanceOf(StorageException.Corruption.class)
        .hasMessageContaining("found by a scan");
    assertThat(again.corruption()).contains("found by a scan");

    Path copy = directory.resolve("copy");
    cluster.replica(1).checkpoint(copy);
    ShardReplica rebuilt = cluster.stopped(0);
    rebuilt.installAtOpen(copy);
    cluster.group.open(0, rebuilt);
    assertThat(rebuilt.corruption()).isNull();
    assertThat(rebuilt.status().failure()).isEmpty();
    assertThat(cluster.describe(0)).isEqualTo(cluster.describe(1));
    cluster.restart(0);
    cluster.electAndAwait(0);
    assertThat(cluster.read(0, "k49")).isEqualTo("value 49");
    assertThat(cluster.read(0, "later")).isEqualTo("1");
  }

  @Test
  void a_state_that_does_not_even_say_which_one_it_is_can_be_replaced() throws IOException {
    Files.write(directory.resolve("n0").resolve("CURRENT"), new byte[] {7, 7});
    cluster.electAndAwait(1);
    assertThatThrownBy(() -> cluster.restart(0)).isInstanceOf(StorageException.Corruption.class);
    Path copy = directory.resolve("copy");
    cluster.replica(1).checkpoint(copy);
    ShardReplica rebuilt = cluster.stopped(0);
    rebuilt.installAtOpen(copy);
    cluster.group.open(0, rebuilt);
    assertThat(cluster.describe(0)).isEqualTo(cluster.describe(1));
  }
}
