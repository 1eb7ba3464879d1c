package org.ferrisdb.shard.leader;

import java.util.concurrent.CompletableFuture;
import org.ferrisdb.shard.RequestStages;
import org.ferrisdb.shard.RequestStages.Stage;
import org.ferrisdb.shard.ShardException;
import org.ferrisdb.shard.ShardRequests.Get;
import org.ferrisdb.shard.ShardRequests.GetResult;
import org.ferrisdb.shard.ShardRequests.Scan;
import org.ferrisdb.shard.ShardRequests.ScanPage;
import org.ferrisdb.shard.ShardRequests.Write;
import org.ferrisdb.shard.ShardRequests.WriteOutcome;

/** A request on its way through the loop. Fields that change belong to the loop. */
abstract sealed class Request {
  /** How often a request is evaluated anew before it is given up. */
  static final int MAX_ATTEMPTS = 64;

  final long bytes;
  final long enqueuedNanos;
  final RequestStages stages;
  int attempts;

  private Request(long bytes, long enqueuedNanos, RequestStages stages) {
    this.bytes = bytes;
    this.enqueuedNanos = enqueuedNanos;
    this.stages = stages;
    stages.enter(Stage.MAILBOX, enqueuedNanos);
  }

  /** Ends it with an exception. */
  abstract void fail(ShardException failure);

  /** A write. */
  static final class WriteRequest extends Request {
    final Write write;
    final long entryBytes;
    final CompletableFuture<WriteOutcome> result = new CompletableFuture<>();

    /** Whether an entry that holds it was given up and may apply all the same. */
    boolean mayBeApplied;

    WriteRequest(Write write, long bytes, long entryBytes, long nanos, RequestStages stages) {
      super(bytes, nanos, stages);
      this.write = write;
      this.entryBytes = entryBytes;
    }

    @Override
    void fail(ShardException failure) {
      if (mayBeApplied && failure.applied() == ShardException.Applied.NO) {
        result.completeExceptionally(
            new ShardException(
                failure.reason(),
                ShardException.Applied.UNKNOWN,
                failure.getMessage() + "; an earlier attempt may have been applied",
                failure.leader(),
                failure.descriptors()));
      } else {
        result.completeExceptionally(failure);
      }
    }
  }

  /** A get or a scan. */
  abstract static sealed class ReadRequest extends Request {
    private ReadRequest(long bytes, long nanos, RequestStages stages) {
      super(bytes, nanos, stages);
    }

    /** The timestamp it names, 0 for now. */
    abstract long timestamp();
  }

  /** A get. */
  static final class GetRequest extends ReadRequest {
    final Get get;
    final CompletableFuture<GetResult> result = new CompletableFuture<>();

    GetRequest(Get get, long bytes, long nanos, RequestStages stages) {
      super(bytes, nanos, stages);
      this.get = get;
    }

    @Override
    long timestamp() {
      return get.timestamp();
    }

    @Override
    void fail(ShardException failure) {
      result.completeExceptionally(failure);
    }
  }

  /** A scan. */
  static final class ScanRequest extends ReadRequest {
    final Scan scan;
    final CompletableFuture<ScanPage> result = new CompletableFuture<>();

    ScanRequest(Scan scan, long bytes, long nanos, RequestStages stages) {
      super(bytes, nanos, stages);
      this.scan = scan;
    }

    @Override
    long timestamp() {
      return scan.timestamp();
    }

    @Override
    void fail(ShardException failure) {
      result.completeExceptionally(failure);
    }
  }
}
