package org.ferrisdb.client;

import java.util.function.LongConsumer;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.client.wire.MapReply;
import org.ferrisdb.client.wire.MapRequest;
import org.ferrisdb.client.wire.StatusRequest;
import org.ferrisdb.client.wire.TimestampRequest;
import org.jspecify.annotations.Nullable;

/** Calls that do not belong to a shard: any node can answer them, or one particular node must. */
final class AnyCalls {
  private AnyCalls() {}

  /** A call that is tried at one node after the other. */
  abstract static class AnyCall<T> extends Call<T> {
    private int failures;

    AnyCall(long startNanos, long timeoutNanos, boolean patient) {
      super(startNanos, timeoutNanos, patient, 0);
    }

    @Override
    void dispatch(ClientCore core) {
      NodeLink link = core.links().any(core.now());
      if (link == null) {
        failures++;
        lastProblem = core.links().describe();
        core.later(this, core.searchBackoff().nanosAfter(failures));
      } else {
        link.send(this);
      }
    }

    @Override
    void attemptFailed(ClientCore core, AttemptFailure failure) {
      failures++;
      boolean roundOver = failures >= core.links().all().size();
      core.later(this, roundOver ? core.searchBackoff().nanosAfter(failures) : 0);
    }
  }

  /** The shard map. */
  static final class MapCall extends AnyCall<MapReply> {
    private final long knownVersion;

    /** One that the client makes for itself. */
    MapCall(long start, long timeout, long knownVersion) {
      this(start, timeout, knownVersion, true);
    }

    MapCall(long start, long timeout, long knownVersion, boolean patient) {
      super(start, timeout, patient);
      this.knownVersion = knownVersion;
    }

    @Override
    void fill(Envelope.Builder envelope) {
      envelope.setMap(MapRequest.newBuilder().setKnownVersion(knownVersion));
    }

    @Override
    void answered(ClientCore core, Envelope reply, NodeLink from) {
      if (reply.hasMapReply()) {
        core.succeed(this, reply.getMapReply());
      } else {
        core.fail(this, Failures.nonsense(this, from, "no shard map"));
      }
    }

    @Override
    String describe() {
      return "the shard map";
    }
  }

  /** A new timestamp. */
  static final class TimestampCall extends AnyCall<Version> {
    private final LongConsumer drawn;

    TimestampCall(long start, long timeout, boolean patient, LongConsumer drawn) {
      super(start, timeout, patient);
      this.drawn = drawn;
    }

    @Override
    void fill(Envelope.Builder envelope) {
      envelope.setTimestamp(TimestampRequest.newBuilder().setCount(1).setForward(true));
    }

    @Override
    void answered(ClientCore core, Envelope reply, NodeLink from) {
      long first = reply.getTimestampReply().getFirst();
      if (first <= 0) {
        core.fail(this, Failures.nonsense(this, from, "no timestamp"));
        return;
      }
      drawn.accept(first);
      core.succeed(this, new Version(first));
    }

    @Override
    String describe() {
      return "a timestamp from the oracle";
    }
  }

  /** What one node says of itself; asked of that node only, once. */
  static final class StatusCall extends Call<String> {
    private final String address;

    StatusCall(String address, long start, long timeout, boolean patient) {
      super(start, timeout, patient, 0);
      this.address = address;
    }

    @Override
    void dispatch(ClientCore core) {
      core.links().at(address).send(this);
    }

    @Override
    void fill(Envelope.Builder envelope) {
      envelope.setStatus(StatusRequest.newBuilder().setLocalOnly(true));
    }

    @Override
    void answered(ClientCore core, Envelope reply, NodeLink from) {
      if (reply.hasStatusReply()) {
        core.succeed(this, reply.getStatusReply().getJson());
      } else {
        core.fail(this, Failures.nonsense(this, from, "no status"));
      }
    }

    @Override
    void attemptFailed(ClientCore core, AttemptFailure failure) {
      core.fail(
          this,
          new UnavailableException(
              Outcome.NOT_APPLIED, failure.problem(), "is the node running?", attempts));
    }

    @Override
    String describe() {
      return "the status of " + address;
    }
  }

  /** The map from the node at one link, while the client connects. */
  static final class FirstMapCall extends Call<MapReply> {
    private final NodeLink at;
    private @Nullable String refusal;

    FirstMapCall(NodeLink at, long start, long timeout) {
      super(start, timeout, true, 0);
      this.at = at;
    }

    @Override
    void dispatch(ClientCore core) {
      at.send(this);
    }

    @Override
    void fill(Envelope.Builder envelope) {
      envelope.setMap(MapRequest.newBuilder());
    }

    @Override
    void answered(ClientCore core, Envelope reply, NodeLink from) {
      if (reply.hasMapReply()) {
        core.succeed(this, reply.getMapReply());
      } else {
        core.fail(this, Failures.nonsense(this, from, "no shard map"));
      }
    }

    @Override
    void attemptFailed(ClientCore core, AttemptFailure failure) {
      refusal = failure.problem();
      core.fail(
          this, new UnavailableException(Outcome.NOT_APPLIED, failure.problem(), "", attempts));
    }

    /** Why the node gave no map; null if it did not refuse. */
    @Nullable String refusal() {
      return refusal;
    }

    @Override
    String describe() {
      return "the shard map";
    }
  }
}
