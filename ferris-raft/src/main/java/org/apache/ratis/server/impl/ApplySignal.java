package org.apache.ratis.server.impl;

import org.apache.ratis.server.RaftServer;

/**
 * Wakes the thread that applies a replica's committed entries. It stands in Ratis's package because
 * Ratis has no other door to this.
 *
 * <p>Ratis itself signals that thread once for each move of the commit index, and loses the signal
 * if it comes between the thread's last look and its wait ({@code AwaitForSignal.await(long,
 * TimeUnit)} waits for the next one): the entry is then applied, and its writer answered, 100 ms
 * later.
 */
public final class ApplySignal {
  private ApplySignal() {}

  /** Wakes it if it waits. Cheap, never blocks for long, and may be called in vain. */
  public static void send(RaftServer.Division division) {
    if (division instanceof RaftServerImpl server) {
      server.getState().notifyStateMachineUpdater();
    }
  }
}
