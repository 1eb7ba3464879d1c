package org.ferrisdb.raft.ratis;

import java.nio.file.Path;
import org.ferrisdb.raft.AppliedEntry;
import org.ferrisdb.raft.Leadership;
import org.ferrisdb.raft.RaftPosition;
import org.ferrisdb.raft.ReplicatedStateMachine;

/** For tests that are about the log only. */
final class NoState implements ReplicatedStateMachine {
  @Override
  public RaftPosition open() {
    return RaftPosition.NONE;
  }

  @Override
  public void apply(AppliedEntry entry) {}

  @Override
  public void advance(RaftPosition position) {}

  @Override
  public RaftPosition flush() {
    return RaftPosition.NONE;
  }

  @Override
  public RaftPosition checkpoint(Path directory) {
    return RaftPosition.NONE;
  }

  @Override
  public RaftPosition install(Path directory) {
    return RaftPosition.NONE;
  }

  @Override
  public void leadershipGained(Leadership leadership) {}

  @Override
  public void leadershipLost() {}

  @Override
  public void failed(Throwable cause) {}

  @Override
  public void close() {}
}
