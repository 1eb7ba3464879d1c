package org.ferrisdb.client;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A call that only the leader of one shard can answer. */
abstract class ShardCall<T> extends Call<T> {
  @Nullable ShardRoute route;

  /** The map has been asked for once because the keys seemed to lie in several shards. */
  boolean mapAsked;

  /** How often it was refused for its epoch. */
  int mapRefusals;

  /** How often it has waited for the map. */
  int mapRounds;

  /** How often it was told to wait. */
  int waits;

  ShardCall(long startNanos, long timeoutNanos, boolean patient, int bytes) {
    super(startNanos, timeoutNanos, patient, bytes);
  }

  /** The shard it belongs to; null if the map has a gap there. */
  abstract @Nullable ShardRoute findRoute(RouteTable table);

  /** Whether all of it lies in that shard. */
  boolean fits(ShardRoute candidate) {
    return true;
  }

  /** By the newest map, it lies in several shards: ends the call. */
  void doesNotFit(ClientCore core) {
    core.fail(this, Failures.crossShard(this));
  }

  @Override
  void dispatch(ClientCore core) {
    core.router().route(this);
  }

  @Override
  void attemptFailed(ClientCore core, AttemptFailure failure) {
    core.router().failed(this, failure);
  }

  @Override
  void released(ClientCore core) {
    ShardRoute last = route;
    if (last != null) {
      last.left(this);
    }
  }

  /** The answer is one that only the leader gives. */
  final void confirm(NodeLink from) {
    ShardRoute last = route;
    if (last != null) {
      last.confirmed(this, from);
    }
  }

  final ShardRoute routeSent() {
    ShardRoute last = route;
    if (last == null) {
      throw new IllegalStateException("sent without a route: " + describe());
    }
    return last;
  }

  static int saturated(long bytes) {
    return (int) Math.min(Integer.MAX_VALUE, bytes);
  }

  static long millis(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos);
  }
}
