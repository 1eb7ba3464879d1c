package org.ferrisdb.client;

import org.jspecify.annotations.Nullable;

/**
 * Numbers the writes of this client, and knows the lowest number that is still open.
 *
 * <p>A command is known to the cluster by (client id, sequence): that is how a repeated attempt is
 * recognized and answered with the outcome of the first. The cluster must remember outcomes as long
 * as a repeat may come; every write therefore says below which sequence this client waits for
 * nothing any more. Numbers are given in order, so the open ones form a list that grows at its end;
 * it runs through the calls themselves, and its head is the answer.
 *
 * <p>Belongs to the event loop.
 */
final class WriteLedger {
  final long clientHigh;
  final long clientLow;
  private long nextSequence = 1;
  private @Nullable WriteCall<?> first;
  private @Nullable WriteCall<?> last;

  WriteLedger(long clientHigh, long clientLow) {
    this.clientHigh = clientHigh;
    this.clientLow = clientLow;
  }

  /** Gives the call the next number. */
  void open(WriteCall<?> call) {
    call.sequence = nextSequence++;
    call.previousOpen = last;
    if (last == null) {
      first = call;
    } else {
      last.nextOpen = call;
    }
    last = call;
  }

  /** The call has ended and will never be sent again under its number. */
  void close(WriteCall<?> call) {
    if (call.sequence == 0) {
      return;
    }
    WriteCall<?> previous = call.previousOpen;
    WriteCall<?> next = call.nextOpen;
    if (previous == null) {
      first = next;
    } else {
      previous.nextOpen = next;
    }
    if (next == null) {
      last = previous;
    } else {
      next.previousOpen = previous;
    }
    call.previousOpen = null;
    call.nextOpen = null;
    call.sequence = 0;
  }

  /** The lowest open number, or the next one to be given if none is open. */
  long acknowledgedBelow() {
    return first == null ? nextSequence : first.sequence;
  }
}
