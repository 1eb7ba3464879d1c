package org.ferrisdb.node.server;

import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.client.wire.ErrorCode;
import org.ferrisdb.shard.RequestStages;
import org.jspecify.annotations.Nullable;

/**
 * Hears what happens at the front door: metrics and the slow-operation log. Called on event loops:
 * must be quick.
 */
public interface FrontDoorListener {
  /**
   * A request has been answered.
   *
   * @param request what was asked
   * @param error how it failed, null if it did not
   * @param nanos from its decoding to its answer
   * @param stages where that time went; of a request that ran into its deadline, where it stands
   */
  void answered(Envelope request, @Nullable ErrorCode error, long nanos, RequestStages stages);

  /** A connection was closed because of what it sent. */
  void malformed(String peer, String why);

  /** Hears nothing. */
  FrontDoorListener NONE =
      new FrontDoorListener() {
        @Override
        public void answered(
            Envelope request, @Nullable ErrorCode error, long nanos, RequestStages stages) {}

        @Override
        public void malformed(String peer, String why) {}
      };
}
