package org.ferrisdb.node.cluster;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.zip.CRC32C;
import org.ferrisdb.client.wire.CheckpointCloseRequest;
import org.ferrisdb.client.wire.CheckpointFileProto;
import org.ferrisdb.client.wire.CheckpointOpenReply;
import org.ferrisdb.client.wire.CheckpointOpenRequest;
import org.ferrisdb.client.wire.CheckpointReadReply;
import org.ferrisdb.client.wire.CheckpointReadRequest;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.node.config.HostPort;
import org.ferrisdb.raft.CheckpointFetcher;
import org.ferrisdb.raft.GroupId;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftMember;
import org.ferrisdb.raft.RaftPosition;
import org.ferrisdb.storage.io.FileSystem;

/**
 * Brings checkpoints over the front door protocol, on a connection of its own, a few pieces under
 * way at a time. Every piece's length and checksum are compared with what the other node said,
 * every file and directory is synced, before the position is returned. Blocking: for as long as the
 * other node goes on answering, since nobody knows how large its state is.
 */
public final class PeerCheckpointFetcher implements CheckpointFetcher {
  private static final int WINDOW = 4;
  private static final Duration OPEN_TIMEOUT = Duration.ofSeconds(15);
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(15);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

  private final PeerClient peers;
  private final FileSystem files;
  private final Function<NodeId, Optional<HostPort>> addresses;

  /**
   * @param peers connections
   * @param files file access
   * @param addresses front doors of nodes
   */
  public PeerCheckpointFetcher(
      PeerClient peers, FileSystem files, Function<NodeId, Optional<HostPort>> addresses) {
    this.peers = peers;
    this.files = files;
    this.addresses = addresses;
  }

  @Override
  public RaftPosition fetch(GroupId group, RaftMember from, Path directory) throws IOException {
    HostPort address =
        addresses
            .apply(from.id())
            .orElseThrow(() -> new IOException("no client address is known of node " + from.id()));
    PeerConnection connection = peers.dedicated(address, Optional.of(from.id()));
    try {
      return fetch(connection::call, group, from.id(), directory);
    } finally {
      connection.close();
    }
  }

  /** A request to the other node, and its answer. */
  @FunctionalInterface
  interface Calls {
    CompletableFuture<Envelope> call(Envelope.Builder request, Duration timeout);
  }

  RaftPosition fetch(Calls calls, GroupId group, NodeId from, Path directory) throws IOException {
    long started = System.nanoTime();
    CheckpointOpenReply open = open(calls, group);
    try {
      long bytes = copy(calls, open, directory);
      RaftPosition position = new RaftPosition(open.getTerm(), open.getIndex());
      Logs.CLUSTER
          .atInfo()
          .addKeyValue("group", group)
          .addKeyValue("from", from)
          .addKeyValue("bytes", bytes)
          .addKeyValue("index", position.index())
          .addKeyValue("millis", (System.nanoTime() - started) / 1_000_000)
          .log("checkpoint fetched");
      return position;
    } finally {
      close(calls, open.getHandle());
    }
  }

  private CheckpointOpenReply open(Calls calls, GroupId group) throws IOException {
    CheckpointOpenReply open = ask(calls, group, 0);
    while (open.getPending()) {
      long handle = open.getHandle();
      try {
        open = ask(calls, group, handle);
      } catch (IOException e) {
        close(calls, handle);
        throw e;
      }
    }
    return open;
  }

  private static CheckpointOpenReply ask(Calls calls, GroupId group, long handle)
      throws IOException {
    return await(
            calls.call(
                Envelope.newBuilder()
                    .setCheckpointOpen(
                        CheckpointOpenRequest.newBuilder()
                            .setGroupId(group.toString())
                            .setHandle(handle)),
                OPEN_TIMEOUT))
        .getCheckpointOpenReply();
  }

  /**
   * Also when the copy failed: this node will try again soon, and the other one holds only a few.
   * The answer does not matter, it lets go of it by itself after a while.
   */
  private static void close(Calls calls, long handle) throws IOException {
    CompletableFuture<Envelope> answered =
        calls
            .call(
                Envelope.newBuilder()
                    .setCheckpointClose(CheckpointCloseRequest.newBuilder().setHandle(handle)),
                CLOSE_TIMEOUT)
            .handle((reply, failure) -> Envelope.getDefaultInstance());
    var _ = await(answered);
  }

  private long copy(Calls calls, CheckpointOpenReply open, Path directory) throws IOException {
    files.createDirectories(directory);
    Set<Path> directories = new HashSet<>(Set.of(directory));
    long total = 0;
    for (CheckpointFileProto file : open.getFilesList()) {
      Path target = directory.resolve(file.getName()).normalize();
      if (!target.startsWith(directory) || target.equals(directory)) {
        throw new IOException("checkpoint with a file outside of it: " + file.getName());
      }
      for (Path parent = target.getParent();
          parent != null && directories.add(parent);
          parent = parent.getParent()) {
        files.createDirectories(parent);
      }
      copyFile(calls, open.getHandle(), file, target);
      total += file.getLength();
    }
    for (Path made : directories) {
      files.syncDirectory(made);
    }
    Path parent = directory.toAbsolutePath().getParent();
    if (parent != null) {
      files.syncDirectory(parent);
    }
    return total;
  }

  private void copyFile(Calls calls, long handle, CheckpointFileProto file, Path target)
      throws IOException {
    ArrayDeque<CompletableFuture<Envelope>> underWay = new ArrayDeque<>();
    long asked = 0;
    long written = 0;
    try (FileSystem.WritableFile out = files.create(target)) {
      while (written < file.getLength()) {
        while (underWay.size() < WINDOW && asked < file.getLength()) {
          int length = (int) Math.min(CheckpointServer.MAX_PIECE_BYTES, file.getLength() - asked);
          underWay.add(
              calls.call(
                  Envelope.newBuilder()
                      .setCheckpointRead(
                          CheckpointReadRequest.newBuilder()
                              .setHandle(handle)
                              .setFile(file.getName())
                              .setOffset(asked)
                              .setLength(length)),
                  READ_TIMEOUT));
          asked += length;
        }
        CheckpointReadReply reply = await(underWay.remove()).getCheckpointReadReply();
        ByteBuffer piece = reply.getData().asReadOnlyByteBuffer();
        long expected = Math.min(CheckpointServer.MAX_PIECE_BYTES, file.getLength() - written);
        if (piece.remaining() != expected) {
          throw new IOException(
              file.getName() + ": a piece of " + piece.remaining() + " bytes, not " + expected);
        }
        CRC32C crc = new CRC32C();
        crc.update(piece.duplicate());
        if ((int) crc.getValue() != reply.getCrc32C()) {
          throw new IOException(
              file.getName() + " at " + written + ": not the checksum that the sender said");
        }
        written += piece.remaining();
        out.append(piece);
      }
      out.sync();
    }
  }

  private static Envelope await(CompletableFuture<Envelope> future) throws IOException {
    try {
      return future.get(); // ends by itself: every call has a timeout
    } catch (ExecutionException e) {
      throw new IOException(e.getCause() == null ? e : e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
