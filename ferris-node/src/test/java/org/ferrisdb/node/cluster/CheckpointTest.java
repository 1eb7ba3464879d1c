package org.ferrisdb.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.ferrisdb.client.wire.CheckpointCloseReply;
import org.ferrisdb.client.wire.CheckpointReadReply;
import org.ferrisdb.client.wire.CheckpointReadRequest;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.node.server.EventLoops;
import org.ferrisdb.raft.AppliedEntry;
import org.ferrisdb.raft.GroupId;
import org.ferrisdb.raft.Leadership;
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
  private CheckpointServer server;

  @BeforeEach
  void start() throws IOException {
    server =
        new CheckpointServer(
            new DiskFileSystem(), directory.resolve("given"), Duration.ofSeconds(60), nanos::get);
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
      assertThat(server.open(new Replica()).getFilesCount()).isEqualTo(1);
    }
    pass(Duration.ofSeconds(15));
    assertThatThrownBy(() -> server.open(new Replica())).hasMessageContaining("held already");
    pass(Duration.ofSeconds(6));
    long handle = server.open(new Replica()).getHandle();
    assertThat(server.open()).isEqualTo(1);
    pass(Duration.ofSeconds(59));
    server.expire();
    assertThat(server.read(handle, "table", 0, 4).toByteArray()).hasSize(4);
    pass(Duration.ofSeconds(61));
    server.expire();
    assertThat(server.open()).isZero();
  }

  private static FaultyFileSystem newDisk() throws IOException {
    FaultyFileSystem disk = new FaultyFileSystem();
    disk.createDirectories(Path.of("/disk"));
    disk.syncDirectory(Path.of("/"));
    return disk;
  }

  private RaftPosition fetch(FaultyFileSystem disk) throws IOException {
    try (EventLoops loops = new EventLoops("test", 1)) {
      PeerClient peers = new PeerClient(loops, () -> null);
      return new PeerCheckpointFetcher(peers, disk, id -> Optional.empty())
          .fetch(
              (request, timeout) -> CompletableFuture.completedFuture(answer(request.build())),
              GROUP,
              new NodeId("0123456789abcdef"),
              Path.of("/disk/fetched"));
    }
  }

  private Envelope answer(Envelope request) {
    Envelope.Builder reply = Envelope.newBuilder();
    return switch (request.getBodyCase()) {
      case CHECKPOINT_OPEN -> reply.setCheckpointOpenReply(server.open(new Replica())).build();
      case CHECKPOINT_READ -> {
        CheckpointReadRequest r = request.getCheckpointRead();
        yield reply
            .setCheckpointReadReply(
                CheckpointReadReply.newBuilder()
                    .setData(server.read(r.getHandle(), r.getFile(), r.getOffset(), r.getLength())))
            .build();
      }
      default -> {
        server.close(request.getCheckpointClose().getHandle());
        yield reply.setCheckpointCloseReply(CheckpointCloseReply.getDefaultInstance()).build();
      }
    };
  }

  /** A replica that can give a checkpoint, and nothing else. */
  private static final class Replica implements ReplicatedStateMachine {
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
