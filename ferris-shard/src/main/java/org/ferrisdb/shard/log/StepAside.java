package org.ferrisdb.shard.log;

import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import org.ferrisdb.raft.GroupStatus;
import org.ferrisdb.raft.GroupStatus.FollowerProgress;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftGroup;

/** Gives up a leadership that can not be used, to the follower that can use it soonest. */
public final class StepAside {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final long SILENT_MILLIS = 1_000;

  private StepAside() {}

  /** Begins to; does nothing where this replica does not lead. Does not block. */
  public static void from(RaftGroup group) {
    GroupStatus status = group.status();
    if (status.role() != GroupStatus.Role.LEADER && status.role() != GroupStatus.Role.CANDIDATE) {
      return;
    }
    Optional<NodeId> next =
        status.followers().stream()
            .filter(f -> f.silentMillis() < SILENT_MILLIS)
            .max(Comparator.comparingLong(FollowerProgress::matchIndex))
            .map(FollowerProgress::id);
    var _ =
        next.map(to ->
                group.transferLeadership(to, PATIENCE).exceptionallyCompose(_ -> group.stepDown()))
            .orElseGet(group::stepDown);
  }
}
