package org.ferrisdb.shard.simulation;

import org.ferrisdb.raft.Leadership;

/**
 * What a member tells its state machine of leadership: in order, some time after it happened, and
 * never of a term that is over already.
 */
final class SimNotices {
  private final SimMember member;
  private final World world;
  private long at;
  private long gainedTerm;
  private long lostTerm;
  private boolean leading;

  SimNotices(SimMember member) {
    this.member = member;
    this.world = member.node.world;
  }

  /** It leads, and the first entry of its term has applied. */
  void gained(Leadership leadership) {
    if (leadership.term() > lostTerm && leadership.term() > gainedTerm) {
      gainedTerm = leadership.term();
      leading = true;
      run(() -> member.machine().leadershipGained(leadership));
    }
  }

  /** It leads no more in this term, nor in any before. */
  void lost(long term) {
    lostTerm = Math.max(lostTerm, term);
    if (leading && gainedTerm <= term) {
      leading = false;
      run(() -> member.machine().leadershipLost());
    }
  }

  private void run(Runnable notice) {
    at = Math.max(at + 1, world.now() + world.around(100_000));
    world.after(at - world.now(), member.node, member.node.life(), notice);
  }
}
