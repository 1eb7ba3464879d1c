package org.ferrisdb.node.cluster;

import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.zip.CRC32C;
import org.ferrisdb.client.wire.CheckpointFileProto;
import org.ferrisdb.client.wire.CheckpointOpenReply;
import org.ferrisdb.client.wire.CheckpointReadReply;
import org.ferrisdb.client.wire.ErrorCode;
import org.ferrisdb.node.server.RequestException;
import org.ferrisdb.raft.LogHold;
import org.ferrisdb.raft.RaftPosition;
import org.ferrisdb.raft.ReplicatedStateMachine;
import org.ferrisdb.storage.io.FileSystem;

/**
 * Gives checkpoints of this node's replicas to others, file by file in pieces. To make one takes as
 * long as its state is large, since all of it is verified: whoever opens it hears after a moment
 * that it is pending, and asks again. It is held (hard links: no copy, but space that compaction
 * can not free) until it is closed or nobody has asked for a piece for the length of its lease, or
 * for a while and another node wants one; only a few are held at a time.
 *
 * <p>The group's log is held here from where the checkpoint ends, until its reader has let go of it
 * and has had the time of a lease to put it in place: then it goes on by the log, and is seen to do
 * so. Thread-safe.
 */
public final class CheckpointServer implements AutoCloseable {
  /** Largest piece. */
  public static final int MAX_PIECE_BYTES = 1 << 20;

  private static final int MAX_OPEN = 4;

  /** Whoever opens one that takes longer is told that it is pending. */
  private static final Duration OPEN_WAIT = Duration.ofSeconds(1);

  /**
   * Where another wants one, a checkpoint that nobody has asked for so long belongs to a node that
   * has died: it asks for several pieces a second, and gives each of them less time than this.
   */
  private static final Duration ABANDONED = Duration.ofSeconds(20);

  /** One checkpoint, from the moment it was asked for. */
  private static final class Held {
    final long handle;
    final Path directory;
    final LogHold log;
    final CompletableFuture<CheckpointOpenReply> made = new CompletableFuture<>();
    volatile Map<String, Long> lengths = Map.of();
    volatile long usedNanos;

    /** Guarded by the server: its files go once it is both. */
    boolean finished;

    boolean closed;

    Held(long handle, Path directory, LogHold log, long now) {
      this.handle = handle;
      this.directory = directory;
      this.log = log;
      this.usedNanos = now;
    }
  }

  /** The log of a checkpoint that has been fetched. */
  private record Lingering(LogHold log, long sinceNanos) {}

  private final FileSystem files;
  private final Path directory;
  private final Duration lease;
  private final LongSupplier nanoTime;
  private final Executor makers;
  private final Executor workers;
  private final ConcurrentHashMap<Long, Held> held = new ConcurrentHashMap<>();
  private final Queue<Lingering> lingering = new ConcurrentLinkedQueue<>();
  private final AtomicLong lastHandle;

  /** Checkpoints that have files, or will have; guarded by this. */
  private int taken;

  /**
   * Empties the directory: whatever is there was left by an earlier process.
   *
   * @param files file access
   * @param directory on the file system of the states
   * @param lease how long an unused checkpoint is held
   * @param nanoTime monotonic clock
   * @param makers threads that make checkpoints, which may take minutes
   * @param workers threads for what blocks on files for a moment
   */
  public CheckpointServer(
      FileSystem files,
      Path directory,
      Duration lease,
      LongSupplier nanoTime,
      Executor makers,
      Executor workers)
      throws IOException {
    this.files = files;
    this.directory = directory;
    this.lease = lease;
    this.nanoTime = nanoTime;
    this.makers = makers;
    this.workers = workers;
    // A handle of an earlier process must not be taken for one of ours.
    this.lastHandle = new AtomicLong(System.currentTimeMillis() << 16);
    Directories.deleteTree(files, directory);
    files.createDirectories(directory);
  }

  /**
   * Has a checkpoint of the replica made, and holds it. Does not block.
   *
   * @param log holds the group's log
   * @return what it holds, or after a moment that it is pending: {@link #pending}
   */
  public CompletableFuture<CheckpointOpenReply> open(ReplicatedStateMachine machine, LogHold log) {
    if (!takeRoom()) {
      log.close();
      throw RequestException.refused(
          ErrorCode.OVERLOADED, MAX_OPEN + " checkpoints are held already", "try again later");
    }
    long handle = lastHandle.incrementAndGet();
    Path target = directory.resolve(Long.toHexString(handle));
    Held checkpoint = new Held(handle, target, log, nanoTime.getAsLong());
    held.put(handle, checkpoint);
    try {
      makers.execute(() -> make(checkpoint, machine));
    } catch (RuntimeException | Error e) {
      failed(checkpoint, e);
      throw e;
    }
    return answer(checkpoint);
  }

  private boolean takeRoom() {
    expire(ABANDONED, MAX_OPEN);
    synchronized (this) {
      if (taken >= MAX_OPEN) {
        return false;
      }
      taken++;
      return true;
    }
  }

  /**
   * Asks again for one that was pending.
   *
   * @throws RequestException if it is not held any more
   */
  public CompletableFuture<CheckpointOpenReply> pending(long handle) {
    return answer(find(handle));
  }

  private static CompletableFuture<CheckpointOpenReply> answer(Held checkpoint) {
    return checkpoint
        .made
        .copy()
        .completeOnTimeout(
            CheckpointOpenReply.newBuilder().setHandle(checkpoint.handle).setPending(true).build(),
            OPEN_WAIT.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  private void make(Held checkpoint, ReplicatedStateMachine machine) {
    if (held.get(checkpoint.handle) != checkpoint) {
      failed(checkpoint, new CancellationException("nobody waits for it any more"));
      return;
    }
    try {
      RaftPosition position = machine.checkpoint(checkpoint.directory);
      checkpoint.log.from(position.index() + 1);
      CheckpointOpenReply reply = describe(checkpoint, position);
      checkpoint.usedNanos = nanoTime.getAsLong();
      checkpoint.made.complete(reply);
      end(checkpoint, true, false);
    } catch (IOException e) {
      failed(checkpoint, new UncheckedIOException(e));
    } catch (RuntimeException e) {
      failed(checkpoint, e);
    } catch (Error e) {
      failed(checkpoint, e);
      throw e; // it is for whoever watches over this thread
    }
  }

  private CheckpointOpenReply describe(Held checkpoint, RaftPosition position) throws IOException {
    Map<String, Long> lengths = new LinkedHashMap<>();
    CheckpointOpenReply.Builder reply =
        CheckpointOpenReply.newBuilder()
            .setHandle(checkpoint.handle)
            .setTerm(position.term())
            .setIndex(position.index());
    for (Path file : Directories.files(checkpoint.directory)) {
      String name = file.toString().replace('\\', '/');
      long length;
      try (FileSystem.ReadableFile in = files.open(checkpoint.directory.resolve(file))) {
        length = in.size();
      }
      lengths.put(name, length);
      reply.addFiles(CheckpointFileProto.newBuilder().setName(name).setLength(length));
    }
    checkpoint.lengths = lengths;
    return reply.build();
  }

  private void failed(Held checkpoint, Throwable failure) {
    Logs.CLUSTER
        .atWarn()
        .addKeyValue("directory", checkpoint.directory)
        .setCause(failure)
        .log("checkpoint not made");
    checkpoint.log.close();
    checkpoint.made.completeExceptionally(failure); // first: who asks again shall hear of it
    held.remove(checkpoint.handle);
    end(checkpoint, true, true);
  }

  /** Has its files deleted once nobody writes them and nobody will read them. */
  private void end(Held checkpoint, boolean finished, boolean closed) {
    synchronized (this) {
      boolean before = checkpoint.finished && checkpoint.closed;
      checkpoint.finished |= finished;
      checkpoint.closed |= closed;
      if (before || !checkpoint.finished || !checkpoint.closed) {
        return;
      }
    }
    try {
      workers.execute(() -> drop(checkpoint.directory));
    } catch (RejectedExecutionException e) {
      drop(checkpoint.directory); // the node is being stopped
    }
  }

  /** A piece of a file: as many bytes as asked for, fewer at its end. Blocks on the file. */
  public CheckpointReadReply read(long handle, String file, long offset, int length) {
    Held checkpoint = find(handle);
    Long size = checkpoint.lengths.get(file); // only names of the list: no path leads elsewhere
    if (size == null || offset < 0 || offset > size || length < 0) {
      throw RequestException.refused(
          ErrorCode.INVALID, "no such piece: " + file + " at " + offset, "");
    }
    int bytes = (int) Math.min(Math.min(length, MAX_PIECE_BYTES), size - offset);
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    try (FileSystem.ReadableFile in = files.open(checkpoint.directory.resolve(file))) {
      if (in.read(buffer, offset) != bytes) {
        throw new IOException(file + " has become shorter");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    CRC32C crc = new CRC32C();
    crc.update(buffer.array());
    return CheckpointReadReply.newBuilder()
        .setData(UnsafeByteOperations.unsafeWrap(buffer.array()))
        .setCrc32C((int) crc.getValue())
        .build();
  }

  /** Lets a checkpoint go, and in a while the log behind it. */
  public void close(long handle) {
    Held checkpoint = held.remove(handle);
    if (checkpoint != null) {
      lingering.add(new Lingering(checkpoint.log, nanoTime.getAsLong()));
      end(checkpoint, false, true);
    }
  }

  /** Lets those go whose lease is over; called from time to time. */
  public void expire() {
    expire(lease, 0);
    long now = nanoTime.getAsLong();
    lingering.removeIf(l -> {
      boolean over = now - l.sinceNanos() > lease.toNanos();
      if (over) {
        l.log().close();
      }
      return over;
    });
  }

  /** Those that were not used for so long, where so many are held. */
  private void expire(Duration unused, int where) {
    synchronized (this) {
      if (taken < where) {
        return;
      }
    }
    long now = nanoTime.getAsLong();
    held.forEach((handle, checkpoint) -> {
      if (now - checkpoint.usedNanos > unused.toNanos() && held.remove(handle, checkpoint)) {
        checkpoint.log.close();
        end(checkpoint, false, true);
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
    lingering.forEach(l -> l.log().close());
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

  private void drop(Path checkpoint) {
    try {
      Directories.deleteTree(files, checkpoint);
    } catch (IOException | RuntimeException e) {
      // It stays until the next start empties the directory; nothing depends on it.
      Logs.CLUSTER
          .atWarn()
          .addKeyValue("directory", checkpoint)
          .setCause(e)
          .log("checkpoint stays");
    } finally {
      synchronized (this) {
        taken--;
      }
    }
  }
}
