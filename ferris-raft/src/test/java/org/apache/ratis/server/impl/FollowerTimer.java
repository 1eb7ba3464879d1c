package org.apache.ratis.server.impl;

import org.apache.ratis.server.RaftServer;

/** What Ratis does not tell of a follower without a leader. */
public final class FollowerTimer {
  private FollowerTimer() {}

  /** Since when its election timer has been running. */
  public static long silentMillis(RaftServer.Division follower) {
    return ((RaftServerImpl) follower)
        .getRole()
        .getFollowerState()
        .orElseThrow()
        .getLastRpcTime()
        .elapsedTimeMs();
  }
}
