package org.ferrisdb.node.cluster;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.zip.CRC32C;
import org.ferrisdb.client.wire.CheckpointFileProto;
import org.ferrisdb.client.wire.CheckpointOpenReply;
import org.ferrisdb.client.wire.ErrorCode;
import org.ferrisdb.node.server.RequestException;
import org.ferrisdb.raft.RaftPosition;
import org.ferrisdb.raft.ReplicatedStateMachine;
import org.ferrisdb.storage.io.FileSystem;

/**
 * Gives checkpoints of this node's replicas to others, file by file in pieces. A checkpoint is held
 * (hard links: no copy, but space that compaction can not free) until it is closed or nobody has
 * asked for a piece for the length of its lease, or for a while and another node wants one; only a
 * few are held at a time. Everything here blocks on files: call it on worker threads. Thread-safe.
 */
public final class CheckpointServer implements AutoCloseable {
  /** Largest piece. */
  public static final int MAX_PIECE_BYTES = 1 << 20;

  private static final int MAX_OPEN = 4;

  /**
   * Where another wants one, a checkpoint that nobody has asked for so long belongs to a node that
   * has died: it asks for several pieces a second, and gives each of them less time than this.
   */
  private static final Duration ABANDONED = Duration.ofSeconds(20);

  private record FileInfo(long length, int crc32c) {}

  private static final class Held {
    final Path directory;
    final Map<String, FileInfo> contents;
    volatile long usedNanos;

    Held(Path directory, Map<String, FileInfo> contents, long now) {
      this.directory = directory;
      this.contents = contents;
      this.usedNanos = now;
    }
  }

  private final FileSystem files;
  private final Path directory;
  private final Duration lease;
  private final LongSupplier nanoTime;
  private final ConcurrentHashMap<Long, Held> held = new ConcurrentHashMap<>();
  private final AtomicLong lastHandle;
  private int opening;

  /**
   * Empties the directory: whatever is there was left by an earlier process.
   *
   * @param files file access
   * @param directory on the file system of the states
   * @param lease how long an unused checkpoint is held
   * @param nanoTime monotonic clock
   */
  public CheckpointServer(FileSystem files, Path directory, Duration lease, LongSupplier nanoTime)
      throws IOException {
    this.files = files;
    this.directory = directory;
    this.lease = lease;
    this.nanoTime = nanoTime;
    // A handle of an earlier process must not be taken for one of ours.
    this.lastHandle = new AtomicLong(System.currentTimeMillis() << 16);
    Directories.deleteTree(files, directory);
    files.createDirectories(directory);
  }

  /** Makes a checkpoint of the replica and holds it. */
  public CheckpointOpenReply open(ReplicatedStateMachine machine) {
    synchronized (this) {
      expire(lease);
      if (held.size() + opening >= MAX_OPEN) {
        expire(ABANDONED);
      }
      if (held.size() + opening >= MAX_OPEN) {
        throw RequestException.refused(
            ErrorCode.OVERLOADED, MAX_OPEN + " checkpoints are held already", "try again later");
      }
      opening++;
    }
    long handle = lastHandle.incrementAndGet();
    Path target = directory.resolve(Long.toHexString(handle));
    try {
      RaftPosition position = machine.checkpoint(target);
      Map<String, FileInfo> contents = new LinkedHashMap<>();
      CheckpointOpenReply.Builder reply =
          CheckpointOpenReply.newBuilder()
              .setHandle(handle)
              .setTerm(position.term())
              .setIndex(position.index());
      for (Path file : Directories.files(target)) {
        FileInfo info = describe(target.resolve(file));
        String name = file.toString().replace('\\', '/');
        contents.put(name, info);
        reply.addFiles(
            CheckpointFileProto.newBuilder()
                .setName(name)
                .setLength(info.length())
                .setCrc32C(info.crc32c()));
      }
      held.put(handle, new Held(target, contents, nanoTime.getAsLong()));
      return reply.build();
    } catch (IOException e) {
      drop(target);
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      drop(target);
      throw e;
    } finally {
      synchronized (this) {
        opening--;
      }
    }
  }

  /** A piece of a file: as many bytes as asked for, fewer at its end. */
  public ByteString read(long handle, String file, long offset, int length) {
    Held checkpoint = find(handle);
    FileInfo info =
        checkpoint.contents.get(file); // only names of the list: no path leads elsewhere
    if (info == null || offset < 0 || offset > info.length() || length < 0) {
      throw RequestException.refused(
          ErrorCode.INVALID, "no such piece: " + file + " at " + offset, "");
    }
    int bytes = (int) Math.min(Math.min(length, MAX_PIECE_BYTES), info.length() - offset);
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    try (FileSystem.ReadableFile in = files.open(checkpoint.directory.resolve(file))) {
      if (in.read(buffer, offset) != bytes) {
        throw new IOException(file + " has become shorter");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return UnsafeByteOperations.unsafeWrap(buffer.array());
  }

  /** Lets a checkpoint go. */
  public void close(long handle) {
    Held checkpoint = held.remove(handle);
    if (checkpoint != null) {
      drop(checkpoint.directory);
    }
  }

  /** Lets those go whose lease is over; called from time to time. */
  public void expire() {
    expire(lease);
  }

  private void expire(Duration unused) {
    long now = nanoTime.getAsLong();
    held.forEach((handle, checkpoint) -> {
      if (now - checkpoint.usedNanos > unused.toNanos()) {
        close(handle);
      }
    });
  }

  /** Checkpoints held now. */
  public int open() {
    return held.size();
  }

  @Override
  public void close() {
    held.keySet().forEach(this::close);
  }

  private Held find(long handle) {
    Held checkpoint = held.get(handle);
    if (checkpoint == null) {
      throw RequestException.refused(
          ErrorCode.INVALID, "checkpoint " + handle + " is not held (any more)", "open another");
    }
    checkpoint.usedNanos = nanoTime.getAsLong();
    return checkpoint;
  }

  private FileInfo describe(Path file) throws IOException {
    CRC32C crc = new CRC32C();
    try (FileSystem.ReadableFile in = files.open(file)) {
      long length = in.size();
      ByteBuffer buffer = ByteBuffer.allocate(256 << 10);
      for (long at = 0; at < length; ) {
        buffer.clear();
        int n = in.read(buffer, at);
        if (n <= 0) {
          throw new IOException(file + " has become shorter");
        }
        crc.update(buffer.array(), 0, n);
        at += n;
      }
      return new FileInfo(length, (int) crc.getValue());
    }
  }

  private void drop(Path checkpoint) {
    try {
      Directories.deleteTree(files, checkpoint);
    } catch (IOException e) {
      // It stays until the next start empties the directory; nothing depends on it.
      Logs.CLUSTER
          .atWarn()
          .addKeyValue("directory", checkpoint)
          .setCause(e)
          .log("checkpoint stays");
    }
  }
}
