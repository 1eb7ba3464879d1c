package org.ferrisdb.raft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.ferrisdb.raft.TestCluster.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The leadership changes while a member is being removed: Ratis then goes on sending to that member
 * and can not take it in again, nor anybody else after it has tried, for as long as the leader
 * stays the same. Found by a repair whose helpers were killed.
 */
@Timeout(120)
class LeftOverFollowerTest {
  @TempDir Path directory;

  @Test
  void a_member_whose_removal_outlived_the_leader_can_come_back() throws Exception {
    try (TestCluster cluster = TestCluster.start(directory, 3, TestCluster.smallOptions())) {
      GroupId group = cluster.createGroup();
      cluster.put(group, "k", "1");
      Node leader = cluster.leader(group);
      Node stays = cluster.others(leader).getFirst();
      Node goes = cluster.others(leader).getLast();
      List<RaftMember> all = cluster.members();
      List<RaftMember> two = all.stream().filter(m -> !m.id().equals(goes.id())).toList();

      cluster.nodes().forEach(n -> cluster.isolate(n.id()));
      var removal = leader.group(group).changeMembers(all, two);
      await("the change in the log").until(() -> leader.group(group).status().members().isEmpty());
      await("it gives up").until(removal::isCompletedExceptionally);
      cluster.heal();
      cluster.isolate(goes.id());
      assertThat(cluster.leader(group)).as("it has the longest log").isSameAs(leader);
      await("the removal").until(() -> leader.group(group).status().members().size() == 2);
      cluster.heal();

      await("back again")
          .atMost(Duration.ofSeconds(30))
          .pollInterval(Duration.ofMillis(200))
          .ignoreExceptions()
          .untilAsserted(() -> {
            RaftGroup leads = cluster.leader(group).group(group);
            var change = leads.changeMembers(two, all);
            await("an end of the change")
                .atMost(Duration.ofSeconds(20))
                .until(() -> {
                  reopenIfClosed(goes, group);
                  return change.isDone();
                });
            change.get();
          });
      assertThat(cluster.leader(group).group(group).status().members()).hasSize(3);
      cluster.put(group, "k", "2");
      cluster.awaitValue(goes, group, "k", "2");
      assertThat(stays.group(group).status().members()).hasSize(3);
    }
  }

  /**
   * A removed member that never heard of its removal asks for votes, and Ratis's leader has it
   * close itself. Who wants it back reopens it first, as a node's housekeeping does.
   */
  private static void reopenIfClosed(Node removed, GroupId group) {
    if (removed.group(group).status().role() == GroupStatus.Role.FAILED) {
      removed.raft().reopen(group);
    }
  }
}
