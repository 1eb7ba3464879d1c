package org.ferrisdb.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;
import org.ferrisdb.client.wire.CheckpointCloseReply;
import org.ferrisdb.client.wire.CheckpointOpenReply;
import org.ferrisdb.client.wire.CheckpointReadRequest;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.node.server.EventLoops;
import org.ferrisdb.raft.AppliedEntry;
import org.ferrisdb.raft.GroupId;
import org.ferrisdb.raft.Leadership;
import org.ferrisdb.raft.LogHold;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftPosition;
import org.ferrisdb.raft.ReplicatedStateMachine;
import org.ferrisdb.storage.io.DiskFileSystem;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A checkpoint on its way: who gives it, and who fetches it. */
class CheckpointTest {
  private static final GroupId GROUP = new GroupId(new UUID(1, 2));
  private static final RaftPosition POSITION = new RaftPosition(3, 44);
  private static final byte[] CONTENT = "what a replica knows".getBytes(StandardCharsets.UTF_8);

  @TempDir Path directory;
  private final AtomicLong nanos = new AtomicLong();

  /** What makes checkpoints: at once, or when the test says so. */
  private final Deque<Runnable> delayed = new ArrayDeque<>();

  private boolean delay;
  private CheckpointServer server;

  @BeforeEach
  void start() throws IOException {
    server =
        new CheckpointServer(
            new DiskFileSystem(),
            directory.resolve("given"),
            Duration.ofSeconds(60),
            nanos::get,
            work -> {
              if (delay) {
                delayed.add(work);
              } else {
                work.run();
              }
            },
            Runnable::run);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Test
  void checkpointIsFetchedAndLetGo() throws IOException {
    FaultyFileSystem disk = newDisk();
    assertThat(fetch(disk)).isEqualTo(POSITION);
    ByteBuffer found = ByteBuffer.allocate(CONTENT.length);
    try (var file = disk.open(Path.of("/disk/fetched/table"))) {
      assertThat(file.read(found, 0)).isEqualTo(CONTENT.length);
    }
    assertThat(found.array()).isEqualTo(CONTENT);
    assertThat(server.open()).isZero();
  }

  /**
   * The torture found this one: a node whose disk failed tried again and again, and each time left
   * a checkpoint behind at the leader, until nobody could have one for a minute.
   */
  @Test
  void checkpointIsLetGoThoughTheFetchersDiskFailsAtAnyOperation() throws IOException {
    FaultyFileSystem whole = newDisk();
    long before = whole.operations();
    assertThat(fetch(whole)).isEqualTo(POSITION);
    for (long at = before + 1; at <= whole.operations(); at++) {
      FaultyFileSystem disk = newDisk();
      disk.failAt(at);
      assertThatThrownBy(() -> fetch(disk)).as("operation " + at).isInstanceOf(IOException.class);
      assertThat(server.open()).as("held after a failure of operation " + at).isZero();
    }
  }

  @Test
  void checkpointsOfNodesThatDiedMakeRoomWhenAnotherNodeWantsOne() {
    for (int i = 0; i < 4; i++) {
      assertThat(open().getFilesCount()).isEqualTo(1);
    }
    pass(Duration.ofSeconds(15));
    assertThatThrownBy(this::open).hasMessageContaining("held already");
    pass(Duration.ofSeconds(6));
    long handle = open().getHandle();
    assertThat(server.open()).isEqualTo(1);
    pass(Duration.ofSeconds(59));
    server.expire();
    assertThat(server.read(handle, "table", 0, 4).getData().toByteArray()).hasSize(4);
    pass(Duration.ofSeconds(61));
    server.expire();
    assertThat(server.open()).isZero();
    assertThat(directory.resolve("given")).isEmptyDirectory();
  }

  @Test
  void checkpointThatTakesLongToMakeIsAskedForUntilItIsThere() throws IOException {
    delay = true;
    Calls calls = new Calls();
    calls.beforeAnswer =
        asked -> {
          if (asked == 2) {
            delayed.remove().run();
          }
        };
    assertThat(fetch(newDisk(), calls)).isEqualTo(POSITION);
    assertThat(calls.opens).isEqualTo(2);
    assertThat(server.open()).isZero();
  }

  @Test
  void checkpointWhoseMakingFailsIsToldAndLeavesNothing() {
    assertThatThrownBy(() ->
            server
                .open(
                    new Replica() {
                      @Override
                      public RaftPosition checkpoint(Path target) {
                        super.checkpoint(target);
                        throw new IllegalStateException("a block is damaged");
                      }
                    },
                    hold())
                .join())
        .hasMessageContaining("a block is damaged");
    assertThat(server.open()).isZero();
    assertThat(directory.resolve("given")).isEmptyDirectory();
    assertThat(held).containsExactly(Long.MAX_VALUE);
  }

  @Test
  void checkpointThatNobodyWantsAnyMoreIsDeletedOnceItIsMade() {
    delay = true;
    var first = server.open(new Replica(), hold());
    long closed = first.join().getHandle(); // pending
    assertThat(first.join().getPending()).isTrue();
    server.close(closed);
    delayed.remove().run();
    assertThat(directory.resolve("given")).isEmptyDirectory();
    assertThatThrownBy(() -> server.pending(closed)).hasMessageContaining("not held");

    // as many as there may be have their room until they are made, though nobody waits for them
    for (int i = 0; i < 4; i++) {
      assertThat(server.open(new Replica(), hold())).isNotNull();
    }
    pass(Duration.ofSeconds(21));
    assertThatThrownBy(() -> server.open(new Replica(), hold()))
        .hasMessageContaining("held already");
    delayed.remove().run();
    assertThat(server.open(new Replica(), hold())).isNotNull();
    delayed.forEach(Runnable::run);
    assertThat(server.open()).isEqualTo(1);
  }

  /**
   * A replica of much data under steady writes needs this: by the time that it has its checkpoint,
   * the log would not reach back to it.
   */
  @Test
  void logIsHeldFromTheCheckpointOnUntilItsReaderHasHadTimeToPutItInPlace() throws IOException {
    delay = true;
    var pending = server.open(new Replica(), hold());
    assertThat(held).as("all of the log, until it is known where it ends").containsExactly(0L);
    delayed.remove().run();
    long handle = pending.join().getHandle();
    assertThat(held).containsExactly(POSITION.index() + 1);
    server.close(handle);
    pass(Duration.ofSeconds(59));
    server.expire();
    assertThat(held).containsExactly(POSITION.index() + 1);
    pass(Duration.ofSeconds(2));
    server.expire();
    assertThat(held).containsExactly(Long.MAX_VALUE);
  }

  @Test
  void pieceThatChangedOnItsWayIsNotWritten() throws IOException {
    Calls calls = new Calls();
    calls.change =
        reply ->
            reply.hasCheckpointReadReply()
                ? reply.toBuilder()
                    .setCheckpointReadReply(
                        reply.getCheckpointReadReply().toBuilder()
                            .setData(ByteString.copyFromUtf8("What a replica knows")))
                    .build()
                : reply;
    assertThatThrownBy(() -> fetch(newDisk(), calls)).hasMessageContaining("checksum");
    assertThat(server.open()).isZero();
  }

  /** Where each log is held from; MAX_VALUE if it is held no more. */
  private final List<Long> held = new ArrayList<>();

  private LogHold hold() {
    int at = held.size();
    held.add(0L);
    return new LogHold() {
      @Override
      public void from(long index) {
        held.set(at, index);
      }

      @Override
      public void close() {
        held.set(at, Long.MAX_VALUE);
      }
    };
  }

  private CheckpointOpenReply open() {
    return server.open(new Replica(), hold()).join();
  }

  private static FaultyFileSystem newDisk() throws IOException {
    FaultyFileSystem disk = new FaultyFileSystem();
    disk.createDirectories(Path.of("/disk"));
    disk.syncDirectory(Path.of("/"));
    return disk;
  }

  private RaftPosition fetch(FaultyFileSystem disk) throws IOException {
    return fetch(disk, new Calls());
  }

  private RaftPosition fetch(FaultyFileSystem disk, Calls calls) throws IOException {
    try (EventLoops loops = new EventLoops("test", 1)) {
      PeerClient peers = new PeerClient(loops, () -> null);
      return new PeerCheckpointFetcher(peers, disk, id -> Optional.empty())
          .fetch(calls, GROUP, new NodeId("0123456789abcdef"), Path.of("/disk/fetched"));
    }
  }

  /** The other node's front door. */
  private final class Calls implements PeerCheckpointFetcher.Calls {
    int opens;
    IntConsumer beforeAnswer = asked -> {};
    UnaryOperator<Envelope> change = reply -> reply;

    @Override
    public CompletableFuture<Envelope> call(Envelope.Builder request, Duration timeout) {
      return CompletableFuture.completedFuture(change.apply(answer(request.build())));
    }

    private Envelope answer(Envelope request) {
      Envelope.Builder reply = Envelope.newBuilder();
      return switch (request.getBodyCase()) {
        case CHECKPOINT_OPEN -> {
          beforeAnswer.accept(++opens);
          long handle = request.getCheckpointOpen().getHandle();
          yield reply
              .setCheckpointOpenReply(
                  handle == 0
                      ? server.open(new Replica(), hold()).join()
                      : server.pending(handle).join())
              .build();
        }
        case CHECKPOINT_READ -> {
          CheckpointReadRequest r = request.getCheckpointRead();
          yield reply
              .setCheckpointReadReply(
                  server.read(r.getHandle(), r.getFile(), r.getOffset(), r.getLength()))
              .build();
        }
        default -> {
          server.close(request.getCheckpointClose().getHandle());
          yield reply.setCheckpointCloseReply(CheckpointCloseReply.getDefaultInstance()).build();
        }
      };
    }
  }

  /** A replica that can give a checkpoint, and nothing else. */
  private static class Replica implements ReplicatedStateMachine {
    @Override
    public RaftPosition checkpoint(Path target) {
      try {
        Files.createDirectories(target);
        Files.write(target.resolve("table"), CONTENT);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return POSITION;
    }

    @Override
    public RaftPosition open() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void apply(AppliedEntry entry) {}

    @Override
    public void advance(RaftPosition position) {}

    @Override
    public RaftPosition flush() {
      throw new UnsupportedOperationException();
    }

    @Override
    public RaftPosition install(Path from) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void leadershipGained(Leadership leadership) {}

    @Override
    public void leadershipLost() {}

    @Override
    public void failed(Throwable cause) {}

    @Override
    public void close() {}
  }
}
