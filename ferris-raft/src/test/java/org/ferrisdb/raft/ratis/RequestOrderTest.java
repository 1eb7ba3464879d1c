package org.ferrisdb.raft.ratis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto;
import org.apache.ratis.proto.RaftProtos.AppendEntriesReplyProto.AppendResult;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which answers wait for which writes, with a log that is a number and writes that are futures. */
@Timeout(30)
class RequestOrderTest {
  private final AtomicLong flushed = new AtomicLong(9);
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private final RequestOrder order =
      new RequestOrder(
          flushed::get, 1000, TimeUnit.MILLISECONDS.toNanos(300), cause -> failures.add(cause));

  private static AppendEntriesRequestProto entries(int bytes) {
    return AppendEntriesRequestProto.newBuilder()
        .addEntries(
            LogEntryProto.newBuilder()
                .setStateMachineLogEntry(
                    StateMachineLogEntryProto.newBuilder()
                        .setLogData(ByteString.copyFrom(new byte[bytes]))))
        .build();
  }

  private static AppendEntriesReplyProto success(long matchIndex) {
    return AppendEntriesReplyProto.newBuilder()
        .setResult(AppendResult.SUCCESS)
        .setMatchIndex(matchIndex)
        .build();
  }

  @Test
  void entries_that_come_again_are_acknowledged_only_when_the_first_write_of_them_is_done()
      throws Exception {
    CompletableFuture<AppendEntriesReplyProto> writing = new CompletableFuture<>();
    var first = order.append(entries(10), () -> writing);
    // All in memory already: Ratis calls it done at once.
    var again = order.append(entries(10), () -> CompletableFuture.completedFuture(success(20)));
    flushed.set(20); // a stale number, from before a truncation that is still to be done
    assertThat(first).isNotDone();
    assertThat(again).isNotDone();
    writing.complete(success(20));
    assertThat(first.get(5, TimeUnit.SECONDS)).isEqualTo(success(20));
    assertThat(again.get(5, TimeUnit.SECONDS)).isEqualTo(success(20));
    assertThat(failures).isEmpty();
  }

  @Test
  void a_write_that_failed_fails_all_that_come_after_it_and_is_reported() throws Exception {
    CompletableFuture<AppendEntriesReplyProto> writing = new CompletableFuture<>();
    var first = order.append(entries(10), () -> writing);
    flushed.set(100);
    writing.completeExceptionally(new IOException("disk"));
    var again = order.append(entries(10), () -> CompletableFuture.completedFuture(success(20)));
    assertThat(first).isCompletedExceptionally();
    assertThat(again).isCompletedExceptionally();
    assertThat(failures).isNotEmpty();
    assertThatIOException()
        .isThrownBy(() -> order.aloneAndWritten(() -> 1))
        .withMessageContaining("failed");
  }

  @Test
  void what_the_log_does_not_confirm_is_not_acknowledged() throws Exception {
    // For instance written while this replica was leader: no request waits for that.
    var early = order.append(entries(10), () -> CompletableFuture.completedFuture(success(20)));
    assertThat(early).isNotDone();
    flushed.set(20);
    assertThat(early.get(5, TimeUnit.SECONDS)).isEqualTo(success(20));
    var never = order.append(entries(10), () -> CompletableFuture.completedFuture(success(21)));
    await().until(never::isCompletedExceptionally);
    assertThat(failures).as("the log is not broken, only late").isEmpty();
  }

  @Test
  void refusals_and_heartbeats_do_not_wait_for_the_disk() throws Exception {
    var writing = order.append(entries(10), CompletableFuture::new);
    AppendEntriesReplyProto notLeader =
        AppendEntriesReplyProto.newBuilder().setResult(AppendResult.NOT_LEADER).build();
    assertThat(order.append(entries(10), () -> CompletableFuture.completedFuture(notLeader)))
        .isCompletedWithValue(notLeader);
    assertThat(
            order.append(
                AppendEntriesRequestProto.getDefaultInstance(),
                () -> CompletableFuture.completedFuture(success(50))))
        .isCompleted();
    assertThat(order.alone(() -> "vote")).isEqualTo("vote");
    assertThat(writing).isNotDone();
  }

  @Test
  void while_the_disk_hangs_memory_is_bounded_and_the_log_is_not_replaced() throws Exception {
    CompletableFuture<AppendEntriesReplyProto> writing = new CompletableFuture<>();
    var first = order.append(entries(900), () -> writing);
    assertThatIOException()
        .isThrownBy(() -> order.append(entries(200), CompletableFuture::new))
        .withMessageContaining("waits for the disk");
    assertThatIOException()
        .isThrownBy(() -> order.aloneAndWritten(() -> 1))
        .withMessageContaining("waits for the disk");
    flushed.set(20);
    writing.complete(success(20));
    assertThat(first).isCompleted();
    assertThat(order.aloneAndWritten(() -> 1)).isOne();
    assertThat(order.append(entries(200), () -> CompletableFuture.completedFuture(success(20))))
        .isCompleted();
  }

  @Test
  void no_vote_falls_between_the_check_of_an_append_and_its_entries() throws Exception {
    CountDownLatch checked = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    List<String> events = new CopyOnWriteArrayList<>();
    flushed.set(20);
    Thread append =
        Thread.ofVirtual()
            .start(() -> {
              try {
                var _ =
                    order.append(
                        entries(1),
                        () -> {
                          checked.countDown();
                          try {
                            goOn.await();
                          } catch (InterruptedException e) {
                            throw new IOException(e);
                          }
                          events.add("entries of term 1");
                          return CompletableFuture.completedFuture(success(20));
                        });
              } catch (IOException e) {
                events.add(e.toString());
              }
            });
    checked.await();
    Thread vote =
        Thread.ofPlatform()
            .start(() -> {
              try {
                order.alone(() -> events.add("vote of term 2"));
              } catch (IOException e) {
                events.add(e.toString());
              }
            });
    await().until(() -> vote.getState() == Thread.State.WAITING);
    goOn.countDown();
    vote.join();
    append.join();
    assertThat(events).containsExactly("entries of term 1", "vote of term 2");
  }
}
