package org.ferrisdb.shard.meta;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.ferrisdb.shard.ShardException;
import org.ferrisdb.shard.map.ShardMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Leaders come and go, told and untold; proposals are lost, refused, late; clocks jump; processes
 * die with and without a flush and are filled from checkpoints. Throughout: no timestamp twice,
 * each above all that were handed out before its draw began; a command whose answer was good is in
 * the state; and in the end all replicas are the same.
 */
final class MetaChaosTest {
  @TempDir Path root;

  private Random random = new Random(0);
  private long completed;
  private int answered;
  private int refused;
  private int checkpoints;
  private final List<String> wrong = new ArrayList<>();
  private final Set<Long> drawn = new HashSet<>();
  private final Set<String> accepted = new TreeSet<>();
  private final Set<Integer> down = new HashSet<>();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void timestamps_rise_and_state_is_the_same_whatever_happens(long seed) {
    random = new Random(seed);
    try (MetaCluster cluster = MetaCluster.started(root)) {
      cluster.run(0, MetaFixtures.form(3));
      for (int step = 0; step < 3000; step++) {
        act(cluster, step);
      }
      heal(cluster);
      assertThat(wrong).as("seed %d", seed).isEmpty();
      int leader = cluster.group.leader();
      assertThat(cluster.draw(leader)).as("seed %d", seed).isGreaterThan(completed);
      for (int i = 0; i < 3; i++) {
        assertThat(cluster.replica(i).state().describe())
            .as("seed %d", seed)
            .isEqualTo(cluster.replica(leader).state().describe());
      }
      assertThat(cluster.replica(leader).state().settings().keySet())
          .as("seed %d", seed)
          .containsAll(accepted);
      assertThat(answered).as("seed %d: draws answered", seed).isGreaterThan(100);
      assertThat(accepted).as("seed %d: commands answered", seed).hasSizeGreaterThan(5);
      assertThat(refused).as("seed %d: draws refused", seed).isGreaterThan(10);
    }
  }

  private void act(MetaCluster cluster, int step) {
    int member = random.nextInt(3);
    if (cluster.group.leader() < 0) {
      elect(cluster, member, true);
    }
    switch (random.nextInt(150)) {
      case 0 -> elect(cluster, member, true);
      case 1 -> elect(cluster, member, false);
      case 2 -> cluster.group.holdCommits(true);
      case 3, 4, 5, 6, 7, 8 -> cluster.group.holdCommits(false);
      case 9 -> cluster.group.member(member).learnOfNewLeader();
      case 10 -> cluster.sim.jumpWall(Duration.ofSeconds(random.nextInt(40) - 20));
      case 11, 12, 13 -> settle(cluster);
      case 14, 15 -> restart(cluster, member);
      case 16 -> fillFromCheckpoint(cluster, member, step);
      case 17 -> cluster.sim.advance(Duration.ofMillis(random.nextInt(3000)));
      case 18, 19, 20, 21, 22, 23, 24, 25 -> command(cluster, member, "s" + random.nextInt(200));
      default -> draw(cluster, member);
    }
    cluster.sim.advance(Duration.ofMillis(random.nextInt(30)));
  }

  private void draw(MetaCluster cluster, int member) {
    if (down.contains(member)) {
      return;
    }
    long before = completed;
    int count = 1 + random.nextInt(5);
    var _ =
        cluster
            .replica(member)
            .drawTimestamps(count)
            .whenComplete((first, failure) -> drawEnded(before, count, first, failure));
  }

  private void drawEnded(
      long before, int count, @Nullable Long first, @Nullable Throwable failure) {
    if (first == null) {
      if (!(failure instanceof ShardException)) {
        wrong.add("failed with " + failure);
      }
      refused++;
      return;
    }
    if (first <= before) {
      wrong.add(first + " was drawn after " + before + " had been answered");
    }
    for (int i = 0; i < count; i++) {
      if (!drawn.add(first + i)) {
        wrong.add((first + i) + " was handed out twice");
      }
    }
    completed = Math.max(completed, first + count - 1);
    answered++;
  }

  private void command(MetaCluster cluster, int member, String name) {
    if (down.contains(member)) {
      return;
    }
    CompletableFuture<ShardMap> future =
        cluster.replica(member).execute(new MetaCommand.ChangeSetting(name, "v"));
    var _ =
        future.whenComplete((map, failure) -> {
          if (failure == null) {
            accepted.add(name);
          }
        });
  }

  private void elect(MetaCluster cluster, int member, boolean told) {
    if (down.contains(member) || cluster.group.leader() == member) {
      return;
    }
    cluster.group.member(member).learnOfNewLeader(); // of the term in between, if it led before
    if (told) {
      cluster.group.elect(member);
    } else {
      cluster.group.electSilently(member);
    }
  }

  /** The oldest proposal of the leader commits, is lost or is refused. */
  private void settle(MetaCluster cluster) {
    int leader = cluster.group.leader();
    if (leader < 0 || cluster.group.member(leader).pending() == 0) {
      return;
    }
    switch (random.nextInt(3)) {
      case 0 -> cluster.group.member(leader).commitNext();
      case 1 -> cluster.group.member(leader).loseNext();
      default -> cluster.group.member(leader).refuseNext();
    }
  }

  private void restart(MetaCluster cluster, int member) {
    if (down.remove(member)) {
      cluster.open(member);
      return;
    }
    if (random.nextBoolean()) {
      cluster.replica(member).flush();
    }
    cluster.kill(member);
    down.add(member);
  }

  private void fillFromCheckpoint(MetaCluster cluster, int member, int step) {
    int from = (member + 1) % 3;
    if (down.contains(member) || down.contains(from) || cluster.group.leader() == member) {
      return;
    }
    cluster.group.member(member).learnOfNewLeader(); // Raft installs on followers only
    Path copy = root.resolve("copy-" + step);
    cluster.replica(from).checkpoint(copy);
    cluster.group.member(member).install(copy);
    checkpoints++;
  }

  private void heal(MetaCluster cluster) {
    cluster.group.holdCommits(false);
    for (int member : Set.copyOf(down)) {
      cluster.open(member);
    }
    down.clear();
    for (int i = 0; i < 3; i++) {
      cluster.group.member(i).learnOfNewLeader();
    }
    cluster.electAndWait(random.nextInt(3));
    cluster.sim.advance(Duration.ofSeconds(10));
    assertThat(checkpoints).isPositive();
  }
}
