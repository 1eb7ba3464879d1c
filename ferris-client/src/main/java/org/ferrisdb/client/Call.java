package org.ferrisdb.client;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.ferrisdb.client.wire.Envelope;
import org.jspecify.annotations.Nullable;

/**
 * One call of the user, from submission to its end: the future that the user waits on, and
 * everything the client knows about it, in one object.
 *
 * <p>A call is made up of *attempts*: its request is sent to a node, which answers, refuses, or is
 * lost; then it may be sent again, to the same node or another. The fields below the constants
 * belong to the client's event loop and are touched by no other thread.
 *
 * <p>{@code finished} and the future's own completion are different things: a user may cancel the
 * future, which recalls nothing, so the call goes on until it is answered or its deadline has
 * passed.
 */
abstract class Call<T> extends CompletableFuture<T> {
  final long startNanos;
  final long deadlineNanos;

  /**
   * A thread is blocked on it: it may always wait in the queue, because threads are bounded
   * already.
   */
  final boolean patient;

  /** Bytes of keys and values, for the limit of what is under way. */
  final int bytes;

  // ---- link of SubmissionStack; written by the submitter, read by the loop after taking the stack
  @Nullable Call<?> nextSubmitted;

  // ---- the event loop's
  boolean finished;
  boolean admitted;

  /** Counted by the caller's side limits; calls that the client makes for itself are not. */
  boolean counted;

  /** How often it was sent. */
  int attempts;

  /** Where the current attempt is, sent or waiting for the connection. */
  @Nullable NodeLink link;

  /** Whether the current attempt has been written to the connection. */
  boolean sent;

  long requestId;

  /** What went wrong last, for the message of the final failure; empty if nothing did. */
  String lastProblem = "";

  /** Whether {@link #lastProblem} was a full queue or table. */
  boolean throttled;

  /** The last attempt was refused, and so it is certain that nothing was applied. */
  boolean refused;

  /** When the current attempt was sent. */
  long sentNanos;

  // ---- links of DeadlineWheel
  @Nullable Call<?> timerNext;
  @Nullable Call<?> timerPrevious;
  int timerBucket = -1;

  Call(long startNanos, long timeoutNanos, boolean patient, int bytes) {
    this.startNanos = startNanos;
    this.deadlineNanos = startNanos + timeoutNanos;
    this.patient = patient;
    this.bytes = bytes;
  }

  /** Finds a node and sends the request to it. Called again for every attempt. */
  abstract void dispatch(ClientCore core);

  /** The request for the current attempt. */
  abstract void fill(Envelope.Builder envelope);

  /** Takes an answer that is no error: finishes the call, or dispatches the next attempt. */
  abstract void answered(ClientCore core, Envelope reply, NodeLink from);

  /** What failed attempts mean for the way the next one takes. */
  abstract void attemptFailed(ClientCore core, AttemptFailure failure);

  /** "put "city/paris"", for messages. */
  abstract String describe();

  /** Whether the request changes data. */
  boolean isWrite() {
    return false;
  }

  /** What can be said about the data if the call ended now without an answer. */
  Outcome outcomeNow() {
    return Outcome.NOT_APPLIED;
  }

  /** The call has ended, its future is about to be completed: let go of what it holds. */
  void released(ClientCore core) {}

  final long remainingNanos(long now) {
    return deadlineNanos - now;
  }

  /** How much time an attempt at a node needs to be worth beginning. */
  final long usefulNanos(NodeLink at) {
    return RetryTiming.usefulNanos(at.roundTripNanos(), deadlineNanos - startNanos);
  }

  final int remainingMillis(long now) {
    return (int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadlineNanos - now));
  }
}
