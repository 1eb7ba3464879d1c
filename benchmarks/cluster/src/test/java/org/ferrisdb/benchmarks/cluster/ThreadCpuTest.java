package org.ferrisdb.benchmarks.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThreadCpuTest {
  @TempDir Path proc;

  private void thread(int pid, int tid, String name, int user, int system) throws IOException {
    Path dir = Files.createDirectories(proc.resolve(pid + "/task/" + tid));
    Files.writeString(
        dir.resolve("stat"),
        tid + " (" + name + ") S 1 1 1 0 -1 4194368 1 0 0 0 " + user + " " + system + " 0 0 20 0");
  }

  @Test
  void threadsOfAllProcessesAreAddedUpByTheirNamesWithoutNumbers() throws IOException {
    thread(10, 11, "epoll-1", 5, 2);
    thread(10, 12, "epoll-22", 1, 0);
    thread(20, 21, "C2 CompilerThre", 100, 10);
    thread(20, 22, "odd ) name (7", 3, 0);
    Map<String, Long> nanos = new ThreadCpu(proc).nanos(List.of(10L, 20L, 30L));
    assertThat(nanos)
        .containsEntry("epoll", 80_000_000L)
        .containsEntry("C CompilerThre", 1_100_000_000L)
        .containsEntry("odd ) name (", 30_000_000L);
    assertThat(nanos.keySet()).filteredOn(ThreadCpu::isCompiler).containsExactly("C CompilerThre");
  }

  @Test
  void idsInNamesMakeNoGroupsOfTheirOwn() {
    String id = "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f";
    assertThat(ThreadCpu.group(id + "@group-A0B1C2D3E4F5-StateMachineUpdater"))
        .isEqualTo("ID@group-StateMachineUpdater");
    assertThat(ThreadCpu.group("0a1b2c3d4e5f0a1b@group-A0B1C2D3E4F5-StateMachineUpdater"))
        .isEqualTo("ID@group-StateMachineUpdater");
    // As Linux shows them, cut off.
    assertThat(ThreadCpu.group("0a1b2c3d4e5f0a1")).isEqualTo("Ratis (name cut off)");
    assertThat(ThreadCpu.group("raft-io-0a1b2c3")).isEqualTo("raft-io");
    assertThat(ThreadCpu.group("raft-notices-0a")).isEqualTo("raft-notices");
    assertThat(ThreadCpu.group("Rpc-netty-serve")).isEqualTo("Rpc-netty-serve");
    assertThat(ThreadCpu.group("ForkJoinPool-1-worker-3")).isEqualTo("ForkJoinPool--worker");
  }

  @Test
  void whatNeitherServersNorDriverTookIsOthers() throws IOException {
    Files.writeString(proc.resolve("stat"), "cpu  100 0 50 800 50 0 0 0 0 0\ncpu0 1 2 3\n");
    MachineCpu before = MachineCpu.now(proc);
    Files.writeString(proc.resolve("stat"), "cpu  170 0 60 890 80 0 0 0 0 0\n");
    // 200 ticks went by, 80 of them busy, 60 of those ours.
    assertThat(MachineCpu.now(proc).othersPercent(before, 600_000_000)).isEqualTo(10);
  }

  @Test
  void onlyWhatGrewWasSpent() {
    assertThat(
            ThreadCpu.spent(
                Map.of("a", 5L, "b", 7L, "gone", 9L), Map.of("a", 8L, "b", 7L, "c", 1L)))
        .containsExactlyInAnyOrderEntriesOf(Map.of("a", 3L, "c", 1L));
  }

  @Test
  void aStackIsNamedByTheSystemCallItWasInOrElseByWhoseWorkItWas() {
    assertThat(
            Purpose.of(
                List.of(
                    "jdk.internal.misc.Unsafe.park",
                    "java.util.concurrent.locks.LockSupport.park",
                    "org.apache.ratis.server.impl.LogAppender.run")))
        .isEqualTo("threads: going to sleep");
    assertThat(
            Purpose.of(
                List.of(
                    "java.util.HashMap.get",
                    "org.ferrisdb.storage.Memtable.get",
                    "org.ferrisdb.shard.ShardReplica.read")))
        .isEqualTo("engine");
    assertThat(Purpose.of(List.of("java.util.HashMap.get"))).isEqualTo("other");
  }
}
