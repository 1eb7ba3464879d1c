package org.ferrisdb.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.InstallSnapshotRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.junit.jupiter.api.Test;

/** What an event loop may do itself; the cluster tests show that the rest works. */
class PeerServerTest {
  private static final LogEntryProto DATA =
      LogEntryProto.newBuilder()
          .setStateMachineLogEntry(StateMachineLogEntryProto.getDefaultInstance())
          .build();
  private static final LogEntryProto MEMBERS =
      LogEntryProto.newBuilder()
          .setConfigurationEntry(RaftConfigurationProto.getDefaultInstance())
          .build();

  private static boolean isLight(List<LogEntryProto> entries) {
    return PeerServer.isLight(
        AppendEntriesRequestProto.newBuilder().addAllEntries(entries).build());
  }

  @Test
  void an_event_loop_takes_heartbeats_and_a_few_entries() {
    assertThat(isLight(List.of())).isTrue();
    assertThat(isLight(List.of(DATA))).isTrue();
    assertThat(isLight(Collections.nCopies(64, DATA))).isTrue();
  }

  @Test
  void it_takes_nothing_that_may_fill_the_queue_of_the_log() {
    assertThat(isLight(Collections.nCopies(65, DATA))).isFalse();
  }

  @Test
  void members_that_come_with_a_checkpoint_are_taken_from_a_leader_of_this_term_only() {
    InstallSnapshotRequestProto request =
        InstallSnapshotRequestProto.newBuilder()
            .setLeaderTerm(5)
            .setLastRaftConfigurationLogEntryProto(MEMBERS)
            .build();
    assertThat(PeerServer.withMembersOfTheLeader(request, 5)).isSameAs(request);
    assertThat(PeerServer.withMembersOfTheLeader(request, 4)).isSameAs(request);
    InstallSnapshotRequestProto late = PeerServer.withMembersOfTheLeader(request, 6);
    assertThat(late.hasLastRaftConfigurationLogEntryProto()).isFalse();
    assertThat(late.getLeaderTerm()).isEqualTo(5);
  }

  @Test
  void it_takes_no_members_whose_addresses_it_would_wait_for_itself_to_connect_to() {
    assertThat(isLight(List.of(DATA, MEMBERS, DATA))).isFalse();
  }
}
