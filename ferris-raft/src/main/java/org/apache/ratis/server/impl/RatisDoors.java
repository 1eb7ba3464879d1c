package org.apache.ratis.server.impl;

import org.apache.ratis.server.RaftServer;

/**
 * What we need of Ratis's inside. It stands in Ratis's package because Ratis has no other door to
 * it. Nothing here blocks for long.
 */
public final class RatisDoors {
  private RatisDoors() {}

  /**
   * Wakes the thread that applies a replica's committed entries, if it waits. May be called in
   * vain.
   *
   * <p>Ratis itself signals that thread once for each move of the commit index, and loses the
   * signal if it comes between the thread's last look and its wait ({@code
   * AwaitForSignal.await(long, TimeUnit)} waits for the next one): the entry is then applied, and
   * its writer answered, 100 ms later.
   */
  public static void signalApply(RaftServer.Division division) {
    if (division instanceof RaftServerImpl server) {
      server.getState().notifyStateMachineUpdater();
    }
  }

  /**
   * Whether leadership is being transferred: then Ratis waits for the follower to confirm the last
   * entry, committed or not. It sets this before it looks at what the follower has confirmed.
   */
  public static boolean transfersLeadership(RaftServer.Division division) {
    return !(division instanceof RaftServerImpl server)
        || server.getTransferLeadership().isSteppingDown();
  }
}
