package org.ferrisdb.raft.ratis;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.protocol.RaftPeerId;

/**
 * A candidate's requests for votes that are not answered yet, so that they can be given up. Ratis
 * waits for all of them for an election timeout, unless a majority has agreed or refused; and a
 * candidate that gives its vote to another one meanwhile lets that one wait for its answer until
 * its own candidacy has ended. Where one of three is silent that is a whole timeout, in which the
 * other's election fails for want of just this vote.
 *
 * <p>Thread-safe.
 */
final class VoteRequests {
  private final Map<Long, CompletableFuture<RequestVoteReplyProto>> out = new ConcurrentHashMap<>();

  private final AtomicLong numbers = new AtomicLong();

  /** Pre-votes in a row that a peer has not answered in time. */
  private final Map<RaftPeerId, Integer> unanswered = new ConcurrentHashMap<>();

  /** A request and its answer. */
  @FunctionalInterface
  interface Request {
    RequestVoteReplyProto send() throws IOException;
  }

  /**
   * Asks, and waits for the answer.
   *
   * @throws IOException if there is none in time, or the request was given up
   */
  RequestVoteReplyProto ask(Request request, Duration timeout) throws IOException {
    CompletableFuture<RequestVoteReplyProto> answer = new CompletableFuture<>();
    long number = numbers.incrementAndGet();
    out.put(number, answer);
    try {
      Thread.ofVirtual()
          .name("raft-ask-vote")
          .start(() -> {
            try {
              answer.complete(request.send());
            } catch (IOException | RuntimeException e) {
              answer.completeExceptionally(e);
            }
          });
      return answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw new IOException(String.valueOf(e.getCause()), e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("no answer to a request for a vote in " + timeout, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted = new InterruptedIOException("asking for a vote");
      interrupted.initCause(e);
      throw interrupted;
    } finally {
      out.remove(number);
    }
  }

  /**
   * Asks for a pre-vote, and waits for the answer for a time that depends on how the last ones
   * went.
   *
   * @throws IOException if there is none in time, or the request was given up
   */
  RequestVoteReplyProto askBefore(RaftPeerId peer, Request request, IntFunction<Duration> timeout)
      throws IOException {
    int before = unanswered.getOrDefault(peer, 0);
    unanswered.put(peer, before + 1);
    RequestVoteReplyProto reply = ask(request, timeout.apply(before));
    unanswered.remove(peer);
    return reply;
  }

  /** A leader is heard: who did not answer before may well do now. */
  void forgetSilence() {
    if (!unanswered.isEmpty()) {
      unanswered.clear();
    }
  }

  /** No answer to what has been asked so far matters any more. */
  void giveUp(String reason) {
    out.values().forEach(answer -> answer.completeExceptionally(new IOException(reason)));
  }
}
