package org.ferrisdb.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntFunction;
import org.apache.ratis.proto.RaftProtos.RequestVoteReplyProto;
import org.apache.ratis.protocol.RaftPeerId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class VoteRequestsTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final RequestVoteReplyProto REPLY =
      RequestVoteReplyProto.newBuilder().setTerm(7).build();

  private final VoteRequests requests = new VoteRequests();
  private final CountDownLatch end = new CountDownLatch(1);
  private final CountDownLatch asked = new CountDownLatch(1);

  private RequestVoteReplyProto silence() throws IOException {
    asked.countDown();
    try {
      end.await();
    } catch (InterruptedException e) {
      throw new InterruptedIOException();
    }
    return REPLY;
  }

  @Test
  void an_answer_is_handed_on_and_so_is_a_failure() throws Exception {
    assertThat(requests.ask(() -> REPLY, LONG)).isEqualTo(REPLY);
    assertThatIOException()
        .isThrownBy(() ->
            requests.ask(
                () -> {
                  throw new IOException("refused");
                },
                LONG))
        .withMessageContaining("refused");
  }

  @Test
  void who_does_not_answer_is_waited_for_so_long_and_no_longer() {
    assertThatIOException()
        .isThrownBy(() -> requests.ask(this::silence, Duration.ofMillis(20)))
        .withMessageContaining("no answer");
    end.countDown();
  }

  @Test
  void a_peer_is_given_more_time_the_more_pre_votes_it_left_unanswered() throws Exception {
    RaftPeerId peer = RaftPeerId.valueOf("a");
    RaftPeerId other = RaftPeerId.valueOf("b");
    List<Integer> tries = new ArrayList<>();
    IntFunction<Duration> timeout =
        n -> {
          tries.add(n);
          return Duration.ofMillis(10);
        };
    for (int i = 0; i < 3; i++) {
      assertThatIOException().isThrownBy(() -> requests.askBefore(peer, this::silence, timeout));
    }
    end.countDown();
    requests.askBefore(other, () -> REPLY, timeout);
    requests.askBefore(peer, () -> REPLY, timeout);
    requests.askBefore(peer, () -> REPLY, timeout);
    assertThat(tries).containsExactly(0, 1, 2, 0, 3, 0);
  }

  @Test
  void what_is_given_up_ends_at_once_and_what_is_asked_later_does_not() throws Exception {
    CompletableFuture<Throwable> ended = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            requests.ask(this::silence, LONG);
          } catch (IOException e) {
            ended.complete(e);
          }
        });
    asked.await();
    requests.giveUp("another candidate");
    await().until(ended::isDone);
    assertThat(ended.join()).hasMessageContaining("another candidate");
    assertThat(requests.ask(() -> REPLY, LONG)).isEqualTo(REPLY);
    end.countDown();
  }
}
