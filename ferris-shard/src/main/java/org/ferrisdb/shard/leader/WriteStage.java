package org.ferrisdb.shard.leader;

import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.ferrisdb.shard.RequestStages.Stage;
import org.ferrisdb.shard.ShardEnvironment;
import org.ferrisdb.shard.ShardException;
import org.ferrisdb.shard.ShardException.Reason;
import org.ferrisdb.shard.ShardRequests.Mutation;
import org.ferrisdb.shard.ShardRequests.Value;
import org.ferrisdb.shard.ShardRequests.Write;
import org.ferrisdb.shard.ShardRequests.WriteOutcome;
import org.ferrisdb.shard.Timestamps;
import org.ferrisdb.shard.leader.LeaderState.Call;
import org.ferrisdb.shard.leader.Request.WriteRequest;
import org.ferrisdb.shard.log.EntryResult;
import org.ferrisdb.shard.log.LogEntryFrame;
import org.ferrisdb.shard.map.ShardDescriptor;
import org.ferrisdb.shard.state.ClientId;
import org.ferrisdb.shard.state.EntryBody;
import org.ferrisdb.shard.state.EntryBody.Command;
import org.ferrisdb.shard.state.EntryBodyCodec;
import org.ferrisdb.shard.state.OutcomeTable.Found;
import org.ferrisdb.shard.state.ShardState;
import org.ferrisdb.storage.StorageException;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates writes, gathers them into entries, proposes those and answers when they have applied.
 * Belongs to the loop.
 */
final class WriteStage {
  /** Bounds the record of an entry's outcomes well below the largest value of the engine. */
  private static final int MAX_COMMANDS = 4096;

  private final EvaluationLoop loop;
  private final ShardEnvironment env;
  private final ShardState state;
  private final MvccReader reader;
  private final LongAdder proposed = new LongAdder();

  WriteStage(EvaluationLoop loop, ShardEnvironment env, ShardState state, MvccReader reader) {
    this.loop = loop;
    this.env = env;
    this.state = state;
    this.reader = reader;
  }

  long proposed() {
    return proposed.sum();
  }

  /** Bytes of commands that fit into an entry. */
  long maxBodyBytes() {
    return (long) env.limits().maxEntryBytes()
        - LogEntryFrame.HEADER_BYTES
        - EntryBodyCodec.WRITES_HEADER_BYTES;
  }

  /** Evaluates writes in their order, at rising timestamps from {@code first}. */
  void evaluate(LeaderState l, List<WriteRequest> requests, long first) {
    PendingEntry entry = new PendingEntry(++l.entries);
    long timestamp = first;
    for (int i = 0; i < requests.size(); i++) {
      WriteRequest request = requests.get(i);
      if (!fits(entry, request)) {
        propose(l, entry);
        entry = new PendingEntry(++l.entries);
      }
      if (l.entriesInFlight >= env.limits().maxEntriesInFlight()) {
        loop.putBack(requests.subList(i, requests.size()));
        break;
      }
      try {
        evaluate(l, entry, request, timestamp++);
      } catch (RuntimeException | Error e) {
        // The entry may hold half of this request, and what was evaluated after that would stand
        // on it: none of it is proposed.
        ShardException why = loop.internal("evaluating a write", e);
        requests.subList(i, requests.size()).forEach(r -> r.fail(why));
        drop(l, entry, "the evaluation failed");
        return;
      }
    }
    propose(l, entry);
    if (!requests.isEmpty()) {
      raiseGarbageFloor(l, first, false);
    }
  }

  private boolean fits(PendingEntry entry, WriteRequest request) {
    return entry.commands.isEmpty()
        || (entry.bytes + request.entryBytes <= maxBodyBytes()
            && entry.commands.size() < MAX_COMMANDS);
  }

  private void evaluate(LeaderState l, PendingEntry entry, WriteRequest request, long timestamp) {
    l.clock = Math.max(l.clock, timestamp);
    try {
      ShardException refusal = evaluateOrRefuse(l, entry, request, timestamp);
      if (refusal != null) {
        request.fail(refusal);
      }
    } catch (StorageException e) {
      request.fail(loop.storageFailed(e));
    }
  }

  private @Nullable ShardException evaluateOrRefuse(
      LeaderState l, PendingEntry entry, WriteRequest request, long timestamp) {
    Write w = request.write;
    ShardDescriptor descriptor = state.descriptor();
    boolean inside = descriptor != null && RequestChecks.inside(w, descriptor.range());
    ShardException misrouted = RequestChecks.misrouted(descriptor, w.epoch(), inside);
    if (misrouted != null) {
      loop.adoptDescriptorSoon();
      return misrouted;
    }
    ClientId client = new ClientId(w.clientHigh(), w.clientLow());
    Call call = new Call(client, w.sequence());
    if (answerRepeated(l, request, call)) {
      return null;
    }
    ShardException refusal = admission(l, w, timestamp);
    if (refusal != null) {
      return refusal;
    }
    // Not in the table and not expired: no entry given up has applied, and none ever will, because
    // this term's chain began after them.
    request.mayBeApplied = false;
    if (timestamp <= state.newestTimestamp() || isRead(l, w, timestamp)) {
      loop.again(request);
      return null;
    }
    WriteOutcome outcome = Evaluator.evaluate(w.conditions(), timestamp, key -> newest(l, key));
    boolean committed = outcome instanceof WriteOutcome.Committed;
    List<Mutation> mutations = committed ? w.mutations() : List.of();
    entry.add(
        request,
        new Command(
            client,
            w.sequence(),
            w.acknowledgedBelow(),
            w.expiry(),
            timestamp,
            outcome,
            mutations));
    l.overlay.add(entry, timestamp, mutations);
    l.calls.put(call, request);
    return null;
  }

  /** A call that was made before: answered as it was, or with whatever the first one will get. */
  private boolean answerRepeated(LeaderState l, WriteRequest request, Call call) {
    WriteRequest first = l.calls.get(call);
    if (first != null) {
      request.stages.enter(Stage.REPLICATION, env.nanoTime().getAsLong());
      var _ =
          first.result.whenComplete((outcome, failure) -> {
            if (failure == null) {
              request.result.complete(outcome);
            } else {
              request.result.completeExceptionally(failure);
            }
          });
      return true;
    }
    return switch (state.outcomes().find(call.client(), call.sequence())) {
      case Found.Known known -> {
        request.result.complete(known.outcome()); // applied: no lease can make it untrue
        yield true;
      }
      case Found.Forgotten _ -> {
        request.fail(
            ShardException.unknown(
                Reason.OUTCOME_UNKNOWN,
                "call %d was acknowledged by its client; how it ended is forgotten"
                    .formatted(call.sequence())));
        yield true;
      }
      case Found.Fresh _ -> false;
    };
  }

  /** Rule 10: what may not be evaluated at all. */
  private @Nullable ShardException admission(LeaderState l, Write w, long timestamp) {
    long now = Math.max(timestamp, state.newestTimestamp());
    if (w.expiry() < now) {
      // While the table's clock has not passed the expiry, the table knows every such call. Not the
      // state's clock: that one is set after the table has begun to forget.
      String message = "the write expired at %d, now is %d".formatted(w.expiry(), now);
      return w.expiry() >= state.outcomes().clock()
          ? ShardException.refused(Reason.EXPIRED, message)
          : ShardException.unknown(Reason.EXPIRED, message + "; how it ended is forgotten");
    }
    long latest = now + Timestamps.ofMillis(env.limits().maxExpiryMillis());
    if (w.expiry() > latest) {
      return ShardException.refused(
          Reason.INVALID,
          "the write expires at %d, more than %d ms ahead"
              .formatted(w.expiry(), env.limits().maxExpiryMillis()));
    }
    int outcomes = state.outcomes().size() + l.calls.size();
    if (outcomes >= env.limits().maxOutcomes()) {
      raiseGarbageFloor(l, timestamp, true);
      return ShardException.refused(
          Reason.TABLE_FULL,
          "%d outcomes are remembered, the most this shard may: acknowledge calls, or shorten their expiry"
              .formatted(outcomes));
    }
    return null;
  }

  /**
   * Whether a written key has been read at or above the timestamp: then a new one must be drawn.
   */
  private static boolean isRead(LeaderState l, Write w, long timestamp) {
    for (Mutation m : w.mutations()) {
      if (l.cache.lowest(m.key()) >= timestamp) {
        return true;
      }
    }
    return false;
  }

  private @Nullable Value newest(LeaderState l, byte[] key) {
    Overlay.Pending pending = l.overlay.newest(key);
    if (pending == null) {
      return reader.newest(key);
    }
    byte[] value = pending.value();
    return value == null ? null : new Value(pending.timestamp(), value);
  }

  // ---- entries ----------------------------------------------------------------------------------

  private void propose(LeaderState l, PendingEntry entry) {
    if (entry.commands.isEmpty()) {
      return;
    }
    l.entriesInFlight++;
    proposed.increment();
    entry.proposedNanos = env.nanoTime().getAsLong();
    enter(Stage.REPLICATION, entry);
    EntryBody body = new EntryBody.Writes(entry.commands);
    boolean accepted;
    try {
      accepted =
          l.term.proposeToAnswer(
              EntryBodyCodec.WRITES,
              EntryBodyCodec.encode(body),
              result -> ended(l, entry, result));
    } catch (RuntimeException | Error e) {
      // Nothing was proposed: a proposal that fails later tells so through its result.
      ShardException why = loop.internal("proposing writes", e);
      entry.requests.forEach(r -> r.fail(why));
      ended(l, entry, new EntryResult.Voided(false, null, "proposing failed"));
      return;
    }
    if (!accepted) {
      ended(l, entry, new EntryResult.Voided(false, null, "the term is over"));
    }
  }

  private void enter(Stage stage, PendingEntry entry) {
    long now = env.nanoTime().getAsLong();
    entry.requests.forEach(r -> r.stages.enter(stage, now));
  }

  /** Gives up an entry that was never proposed. */
  private void drop(LeaderState l, PendingEntry entry, String why) {
    l.entriesInFlight++;
    ended(l, entry, new EntryResult.Voided(false, null, why));
  }

  private void ended(LeaderState l, PendingEntry entry, EntryResult result) {
    l.entriesInFlight--;
    l.waitingReads -= entry.waiters.size();
    l.overlay.remove(entry);
    for (Command c : entry.commands) {
      l.calls.remove(new Call(c.client(), c.sequence()));
    }
    switch (result) {
      case EntryResult.Applied _ -> {
        enter(Stage.ANSWER, entry);
        int waiting = loop.writesWaiting(); // before those answered now come back
        for (int i = 0; i < entry.commands.size(); i++) {
          entry.requests.get(i).result.complete(entry.commands.get(i).outcome());
        }
        loop.answerWaitersSoon(l, entry.waiters);
        loop.gatherAfter(l, entry, waiting);
        loop.goOn();
      }
      case EntryResult.Voided v -> {
        for (WriteRequest request : entry.requests) {
          request.mayBeApplied |= v.mayApply();
          if (!request.result.isDone()) {
            loop.again(request);
          }
        }
        entry.waiters.forEach(w -> loop.again(w.request()));
        loop.wake();
      }
    }
  }

  /**
   * Moves the garbage floor now and then; also the only way in which time passes for a table that
   * is full.
   */
  private void raiseGarbageFloor(LeaderState l, long now, boolean tableFull) {
    long retention = env.limits().retentionMillis();
    long wanted = Timestamps.minusMillis(now, retention);
    long step = Timestamps.ofMillis(Math.max(1, retention / 10));
    boolean due = wanted > state.garbageFloor() + step;
    boolean timeDue = tableFull && now > state.newestTimestamp() + Timestamps.ofMillis(1000);
    if (l.floorInFlight || !(due || timeDue)) {
      return;
    }
    EntryBody body = new EntryBody.GarbageFloor(Math.max(wanted, state.garbageFloor()), now);
    l.floorInFlight =
        l.term.propose(
            EntryBodyCodec.GARBAGE_FLOOR,
            EntryBodyCodec.encode(body),
            _ -> l.floorInFlight = false);
  }
}
