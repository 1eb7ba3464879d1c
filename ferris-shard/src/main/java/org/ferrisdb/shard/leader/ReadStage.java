package org.ferrisdb.shard.leader;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.ferrisdb.shard.RequestStages.Stage;
import org.ferrisdb.shard.ShardEnvironment;
import org.ferrisdb.shard.ShardException;
import org.ferrisdb.shard.ShardException.Reason;
import org.ferrisdb.shard.ShardRequests.GetResult;
import org.ferrisdb.shard.ShardRequests.Scan;
import org.ferrisdb.shard.ShardRequests.ScanPage;
import org.ferrisdb.shard.leader.PendingEntry.Waiter;
import org.ferrisdb.shard.leader.Request.GetRequest;
import org.ferrisdb.shard.leader.Request.ReadRequest;
import org.ferrisdb.shard.leader.Request.ScanRequest;
import org.ferrisdb.shard.map.KeyRange;
import org.ferrisdb.shard.map.ShardDescriptor;
import org.ferrisdb.shard.state.ShardState;
import org.ferrisdb.storage.StorageException;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates reads: promises in the timestamp cache first, then waits for what is pending at or
 * below the timestamp, then reads, then checks the lease (rule 3). Gets are read on the loop, scans
 * on the readers' threads. Belongs to the loop.
 */
final class ReadStage {
  /** Scans that run or wait for a reader's thread at once; each may hold a page in memory. */
  private static final int MAX_SCANS = 64;

  private record Answer(GetRequest request, GetResult result) {}

  private final EvaluationLoop loop;
  private final ShardEnvironment env;
  private final ShardState state;
  private final MvccReader reader;
  private final AtomicInteger scans = new AtomicInteger();

  ReadStage(EvaluationLoop loop, ShardEnvironment env, ShardState state, MvccReader reader) {
    this.loop = loop;
    this.env = env;
    this.state = state;
    this.reader = reader;
  }

  /**
   * Evaluates reads.
   *
   * @param now the timestamp of those that name none; drawn after all of them arrived
   */
  void evaluate(LeaderState l, List<ReadRequest> requests, long now) {
    List<Waiter> ready = new ArrayList<>(requests.size());
    for (ReadRequest request : requests) {
      long timestamp = request.timestamp() == 0 ? now : request.timestamp();
      ShardException refusal = refusal(request, timestamp);
      if (refusal != null) {
        request.fail(refusal);
        continue;
      }
      PendingEntry pending = promise(l, request, timestamp);
      Waiter waiter = new Waiter(request, timestamp);
      if (pending == null) {
        ready.add(waiter);
      } else {
        request.stages.enter(Stage.WRITES_BEFORE, nanos());
        pending.waiters.add(waiter);
        l.waitingReads++;
      }
    }
    answer(l, ready);
  }

  private @Nullable ShardException refusal(ReadRequest request, long timestamp) {
    ShardDescriptor descriptor = state.descriptor();
    KeyRange range = descriptor == null ? KeyRange.ALL : descriptor.range();
    ShardException misrouted =
        switch (request) {
          case GetRequest g ->
              RequestChecks.misrouted(
                  descriptor, g.get.epoch(), RequestChecks.inside(g.get.keys(), range));
          case ScanRequest s ->
              RequestChecks.misrouted(
                  descriptor, s.scan.epoch(), RequestChecks.inside(s.scan, range));
        };
    if (misrouted != null) {
      loop.adoptDescriptorSoon();
      return misrouted;
    }
    if (timestamp > env.timestamps().newest()) {
      return ShardException.refused(
          Reason.TIMESTAMP_INVALID,
          "timestamp %d has not been drawn yet, the newest is %d"
              .formatted(timestamp, env.timestamps().newest()));
    }
    return null;
  }

  /**
   * Promises that nothing will commit at or below the timestamp any more where the request reads,
   * and returns the last entry in flight that does, null if none does.
   */
  private @Nullable PendingEntry promise(LeaderState l, ReadRequest request, long timestamp) {
    PendingEntry last = null;
    // Writes evaluated later get timestamps above the clock: only a read above it needs the cache.
    boolean raise = timestamp > l.clock;
    switch (request) {
      case GetRequest g -> {
        for (byte[] key : g.get.keys()) {
          if (raise) {
            l.cache.raise(key, timestamp);
          }
          last = Overlay.later(last, l.overlay.lastAt(key, timestamp));
        }
      }
      case ScanRequest s -> {
        if (raise) {
          l.cache.raise(s.scan.from(), s.scan.to(), timestamp);
        }
        last = l.overlay.lastIn(s.scan.from(), s.scan.to(), timestamp);
      }
    }
    return last;
  }

  /** Reads for requests that nothing stands in the way of, and answers if the lease still holds. */
  void answer(LeaderState l, List<Waiter> ready) {
    List<Answer> answers = new ArrayList<>(ready.size());
    long began = nanos();
    for (Waiter w : ready) {
      switch (w.request()) {
        case GetRequest g -> {
          g.stages.enter(Stage.READING, began);
          try {
            answers.add(new Answer(g, reader.get(g.get.keys(), w.timestamp())));
          } catch (ShardException e) {
            g.fail(e);
          } catch (StorageException e) {
            g.fail(loop.storageFailed(e));
          }
        }
        case ScanRequest s -> scan(l, s, w.timestamp());
      }
    }
    if (answers.isEmpty()) {
      return;
    }
    boolean live = l.term.live(); // after everything was read: rule 3
    long read = nanos();
    for (Answer a : answers) {
      a.request.stages.enter(Stage.ANSWER, read);
      if (live) {
        a.request.result.complete(a.result);
      } else {
        loop.again(a.request);
      }
    }
  }

  private void scan(LeaderState l, ScanRequest request, long timestamp) {
    ShardDescriptor descriptor = state.descriptor();
    KeyRange range = descriptor == null ? KeyRange.ALL : descriptor.range();
    if (scans.incrementAndGet() > MAX_SCANS) {
      scans.decrementAndGet();
      request.fail(
          ShardException.refused(
              Reason.OVERLOADED,
              MAX_SCANS + " scans are running in this shard, the most it runs: slow down"));
      return;
    }
    request.stages.enter(Stage.READER, nanos());
    try {
      env.readers().execute(() -> scanOnReader(l, request, range, timestamp));
    } catch (RejectedExecutionException e) {
      scans.decrementAndGet();
      request.fail(ShardException.refused(Reason.OVERLOADED, "no thread to scan with"));
    }
  }

  private void scanOnReader(LeaderState l, ScanRequest request, KeyRange range, long timestamp) {
    Scan scan = request.scan;
    request.stages.enter(Stage.READING, nanos());
    ScanPage page;
    try {
      page = reader.scan(scan, range, timestamp);
    } catch (ShardException e) {
      request.fail(e);
      return;
    } catch (StorageException e) {
      request.fail(loop.storageFailed(e));
      return;
    } catch (RuntimeException | Error e) {
      request.fail(ShardException.refused(Reason.INTERNAL, "scanning failed: " + e));
      throw e;
    } finally {
      scans.decrementAndGet();
    }
    if (l.term.live()) {
      request.stages.enter(Stage.ANSWER, nanos());
      request.result.complete(page);
    } else {
      loop.executor().execute(() -> loop.again(request));
    }
  }

  private long nanos() {
    return env.nanoTime().getAsLong();
  }
}
