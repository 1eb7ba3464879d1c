package org.ferrisdb.node.cli.transfer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes the records of a file, many at a time, in bounded memory.
 *
 * <p>Puts of different keys overtake each other freely; two puts of one key never are in flight
 * together, so the last line of a key wins, as in the file. The first put that fails ends the
 * import: nothing more is sent, what is in flight is waited for, and the failure names its line.
 *
 * <p>One import per instance; its put function may complete on any thread.
 */
public final class Importer {
  /** Starts one write; the stage completes when it is acknowledged or has failed. */
  @FunctionalInterface
  public interface AsyncPut {
    /** Puts a value under a key. */
    CompletionStage<?> put(byte[] key, byte[] value);
  }

  /**
   * What an import did.
   *
   * @param records records acknowledged
   * @param bytes bytes of keys and values acknowledged
   */
  public record Result(long records, long bytes) {}

  private final AsyncPut put;
  private final int maxRecords;
  private final long maxBytes;
  private final LongConsumer progress;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  @GuardedBy("lock")
  private final Set<ByteBuffer> keysInFlight = new HashSet<>();

  @GuardedBy("lock")
  private long bytesInFlight;

  @GuardedBy("lock")
  private long recordsDone;

  @GuardedBy("lock")
  private long bytesDone;

  @GuardedBy("lock")
  private @Nullable ImportFailedException failure;

  /**
   * Makes one.
   *
   * @param maxRecords puts in flight at most
   * @param maxBytes bytes of keys and values in flight at most (one record may exceed it alone)
   * @param progress called with the number of records sent so far, on the reading thread
   */
  public Importer(AsyncPut put, int maxRecords, long maxBytes, LongConsumer progress) {
    this.put = put;
    this.maxRecords = maxRecords;
    this.maxBytes = maxBytes;
    this.progress = progress;
  }

  /**
   * Reads all lines and writes them; returns when all are acknowledged.
   *
   * @throws MalformedLineException at the first line that is not a record; all before it are
   *     written
   * @throws ImportFailedException if a put failed
   * @throws IOException if the file can not be read
   * @throws InterruptedException if interrupted while waiting; puts may still be in flight
   */
  public Result run(LineReader lines, RecordFormat format)
      throws IOException, InterruptedException {
    try {
      for (byte[] line = lines.next(); line != null; line = lines.next()) {
        long number = lines.number();
        send(format.read(line, number), number);
        progress.accept(number);
      }
    } finally {
      awaitIdle();
    }
    lock.lock();
    try {
      throwIfFailed();
      return new Result(recordsDone, bytesDone);
    } finally {
      lock.unlock();
    }
  }

  /** Records acknowledged so far. */
  public long acknowledged() {
    lock.lock();
    try {
      return recordsDone;
    } finally {
      lock.unlock();
    }
  }

  private void send(KeyValue record, long number) throws IOException, InterruptedException {
    ByteBuffer key = ByteBuffer.wrap(record.key());
    long size = record.key().length + (long) record.value().length;
    lock.lock();
    try {
      while (failure == null && !hasRoom(key, size)) {
        changed.await();
      }
      throwIfFailed();
      keysInFlight.add(key);
      bytesInFlight += size;
    } finally {
      lock.unlock();
    }
    CompletionStage<?> stage;
    try {
      stage = put.put(record.key(), record.value());
    } catch (RuntimeException e) {
      ended(key, size, number, e);
      return;
    }
    stage.whenComplete((_, error) -> ended(key, size, number, error));
  }

  @GuardedBy("lock")
  private boolean hasRoom(ByteBuffer key, long size) {
    if (keysInFlight.contains(key) || keysInFlight.size() >= maxRecords) {
      return false;
    }
    return bytesInFlight == 0 || bytesInFlight + size <= maxBytes;
  }

  @GuardedBy("lock")
  private void throwIfFailed() throws ImportFailedException {
    if (failure != null) {
      throw failure;
    }
  }

  private void ended(ByteBuffer key, long size, long number, @Nullable Throwable error) {
    lock.lock();
    try {
      keysInFlight.remove(key);
      bytesInFlight -= size;
      if (error == null) {
        recordsDone++;
        bytesDone += size;
      } else if (failure == null) {
        failure = new ImportFailedException(number, cause(error));
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private static Throwable cause(Throwable error) {
    boolean wrapped = error instanceof CompletionException || error instanceof ExecutionException;
    return wrapped && error.getCause() != null ? error.getCause() : error;
  }

  private void awaitIdle() throws InterruptedException {
    lock.lock();
    try {
      while (!keysInFlight.isEmpty()) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /** A put failed; the cause tells why. */
  public static final class ImportFailedException extends IOException {
    private static final long serialVersionUID = 1;

    private final long line;

    ImportFailedException(long line, Throwable cause) {
      super("line " + line + ": " + cause.getMessage(), cause);
      this.line = line;
    }

    /** Number of the line whose put failed. */
    public long line() {
      return line;
    }
  }
}
