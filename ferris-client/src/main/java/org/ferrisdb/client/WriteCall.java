package org.ferrisdb.client;

import java.util.List;
import java.util.Optional;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.client.wire.WriteReply;
import org.ferrisdb.client.wire.WriteRequest;
import org.jspecify.annotations.Nullable;

/**
 * A write, applied once however often it is sent.
 *
 * <p><b>What the client may say about the outcome.</b> Every attempt of a call carries the same
 * (client id, sequence) and the same expiry, so the cluster takes them for one command:
 *
 * <ul>
 *   <li>An <em>answer</em> (applied with a version, or a condition that failed) is the outcome of
 *       the command, whichever attempt it came to: the shard looks the command up among those it
 *       remembers before it evaluates it, and it remembers what it answered to an attempt numbered
 *       above 1, so no other attempt that still travels can have a different outcome. The call ends
 *       with it.
 *   <li>An attempt whose connection broke, or that was answered with "outcome unknown", is <em>in
 *       limbo</em>: it may have been applied, and until the expiry it may yet be. From then on the
 *       call is in limbo, and it stays so: a later <em>refusal</em> ("not leader", "table full",
 *       "too large", even with "not applied") speaks only of the attempt that it answers, for the
 *       refusing node does not know what became of the others. So a call in limbo ends with an
 *       answer or with {@link Outcome#UNKNOWN}, never with {@link Outcome#NOT_APPLIED}.
 *   <li>"Expired" too speaks only of the attempt it answers: the expiry is what ends the cluster's
 *       duty to remember, so after it nobody can tell whether an earlier attempt had been applied
 *       before. Out of limbo it means that the client's clock was behind: the call goes on as a new
 *       command, which is safe, since the old one was never applied and never will be.
 *   <li>When the deadline passes with an attempt under way, that attempt is in limbo.
 * </ul>
 */
abstract class WriteCall<T> extends ShardCall<T> {
  private static final int MAX_NEW_COMMANDS = 3;

  private final Batch batch;

  /** Number of this command at this client; 0 before it has one. */
  long sequence;

  private long expiry;
  private boolean limbo;
  private int attemptsOfCommand;
  private int newCommands;

  // ---- links of WriteLedger
  @Nullable WriteCall<?> previousOpen;
  @Nullable WriteCall<?> nextOpen;

  WriteCall(Batch batch, long startNanos, long timeoutNanos, boolean patient) {
    super(startNanos, timeoutNanos, patient, batch.bytes);
    this.batch = batch;
  }

  /** What the user is told of the outcome. */
  abstract T result(WriteReply reply);

  @Override
  final boolean isWrite() {
    return true;
  }

  @Override
  final Outcome outcomeNow() {
    return limbo || sent ? Outcome.UNKNOWN : Outcome.NOT_APPLIED;
  }

  /** The present attempt may have been applied, or may yet be. */
  final void enterLimbo() {
    limbo = true;
  }

  @Override
  final @Nullable ShardRoute findRoute(RouteTable table) {
    return table.find(batch.keys.get(0));
  }

  @Override
  final boolean fits(ShardRoute candidate) {
    List<Bytes> keys = batch.keys;
    for (int i = 1; i < keys.size(); i++) {
      if (!candidate.contains(keys.get(i))) {
        return false;
      }
    }
    return true;
  }

  @Override
  final void dispatch(ClientCore core) {
    if (sequence == 0) {
      if (!core.oracle().ready()) {
        core.oracle().await(this);
        return;
      }
      long now = core.now();
      core.ledger().open(this);
      expiry = core.oracle().clock().expiry(now, remainingNanos(now));
      attemptsOfCommand = 0;
    }
    super.dispatch(core);
  }

  @Override
  final void fill(Envelope.Builder envelope) {
    ShardRoute target = routeSent();
    WriteLedger ledger = target.ledger();
    attemptsOfCommand++;
    envelope.setWrite(
        WriteRequest.newBuilder()
            .setShardId(target.id)
            .setEpoch(target.epoch)
            .setClientHigh(ledger.clientHigh)
            .setClientLow(ledger.clientLow)
            .setSequence(sequence)
            .setAcknowledgedBelow(ledger.acknowledgedBelow())
            .setExpiry(expiry)
            .setAttempt(attemptsOfCommand)
            .addAllConditions(batch.conditions)
            .addAllMutations(batch.mutations));
  }

  @Override
  final void answered(ClientCore core, Envelope reply, NodeLink from) {
    if (!reply.hasWriteReply()) {
      enterLimbo();
      core.fail(this, Failures.nonsense(this, from, "no write reply"));
      return;
    }
    WriteReply write = reply.getWriteReply();
    core.oracle().observe(write.getOracleNow());
    core.oracle().observe(write.getVersion());
    confirm(from);
    core.succeed(this, result(write));
  }

  @Override
  final void attemptFailed(ClientCore core, AttemptFailure failure) {
    if (failure.step() == AttemptFailure.Step.NEW_COMMAND) {
      routeSent().left(this);
      core.ledger().close(this);
      core.oracle().doubt();
      newCommands++;
      if (newCommands <= MAX_NEW_COMMANDS) {
        core.later(this, 0);
      } else {
        core.laterIfUseful(this, failure);
      }
      return;
    }
    super.attemptFailed(core, failure);
  }

  @Override
  final void released(ClientCore core) {
    core.ledger().close(this);
    super.released(core);
  }

  /** put and delete. */
  static final class Blind extends WriteCall<Version> {
    private final String name;
    private final Bytes key;

    Blind(String name, Bytes key, Batch batch, long start, long timeout, boolean patient) {
      super(batch, start, timeout, patient);
      this.name = name;
      this.key = key;
    }

    @Override
    Version result(WriteReply reply) {
      return new Version(reply.getVersion());
    }

    @Override
    String describe() {
      return name + " " + key;
    }
  }

  /** Everything with conditions, and batches. */
  static final class Conditional extends WriteCall<WriteResult> {
    private final String what;

    Conditional(String what, Batch batch, long start, long timeout, boolean patient) {
      super(batch, start, timeout, patient);
      this.what = what;
    }

    @Override
    WriteResult result(WriteReply reply) {
      if (reply.getApplied()) {
        return new WriteResult.Applied(new Version(reply.getVersion()));
      }
      return new WriteResult.ConditionFailed(
          reply.getFailedCondition(),
          reply.getActualPresent()
              ? Optional.of(new Version(reply.getActualVersion()))
              : Optional.empty());
    }

    @Override
    String describe() {
      return what;
    }
  }
}
