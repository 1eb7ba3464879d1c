package org.ferrisdb.node.cli.load;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import org.jspecify.annotations.Nullable;

/**
 * Runs a {@link BenchSpec}. Every thread is a platform thread: with one operation outstanding it
 * calls and waits, as an application would; with more it sends asynchronously, as many as are
 * allowed.
 */
public final class BenchRunner {
  private static final Duration DRAIN = Duration.ofSeconds(30);

  /** YCSB's: lengths are uniform up to this. */
  private static final int LONGEST_SCAN = 100;

  private final BenchSpec spec;
  private final Store store;
  private final CpuSource cpu;
  private final Zipf zipf;
  private final byte[] value;
  private final Recorder reads = new Recorder(ServiceMeter.HIGHEST_NANOS, 3);
  private final Recorder writes = new Recorder(ServiceMeter.HIGHEST_NANOS, 3);
  private final AtomicInteger inserted = new AtomicInteger();
  private final LongAdder errors = new LongAdder();
  private final AtomicReference<String> firstError = new AtomicReference<>("");
  private volatile boolean stop;

  /** Where CPU time is read. */
  public interface CpuSource {
    /** Begins to measure the servers. */
    CpuMeter servers();
  }

  /** Measures {@code spec} on {@code store}. */
  public BenchRunner(BenchSpec spec, Store store, CpuSource cpu) {
    this.spec = spec;
    this.store = store;
    this.cpu = cpu;
    this.zipf = new Zipf(spec.keys());
    this.value = new byte[spec.valueBytes()];
    SplittableRandom random = new SplittableRandom(spec.seed());
    for (int i = 0; i < value.length; i++) {
      value[i] = (byte) (' ' + random.nextInt(95));
    }
  }

  /** Key number i: eight scattered bytes, so that every shard gets its part, and a mark. */
  public static byte[] key(int i) {
    return ByteBuffer.allocate(13)
        .putLong(Zipf.mix(i))
        .put(new byte[] {'b', 'e', 'n', 'c', 'h'})
        .array();
  }

  /** Writes every key once. */
  public void preload() throws InterruptedException {
    Semaphore room = new Semaphore(256);
    for (int i = 0; i < spec.keys(); i++) {
      room.acquire();
      CompletionStage<?> put;
      try {
        put = store.putAsync(key(i), value);
      } catch (StoreException e) {
        room.release();
        throw e;
      }
      put.whenComplete((_, error) -> {
        if (error != null) {
          firstError.compareAndSet("", String.valueOf(error.getMessage()));
        }
        room.release();
      });
    }
    room.acquire(256);
    if (!firstError.get().isEmpty()) {
      throw new StoreException("loading the keys failed: " + firstError.get(), false, null);
    }
  }

  /** Warms up, measures, waits for what is in flight. */
  public BenchReport run() throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    long begin = System.nanoTime();
    for (int i = 0; i < spec.threads(); i++) {
      int id = i;
      threads.add(Thread.ofPlatform().name("bench-" + id).start(() -> runThread(id, begin)));
    }
    Thread.sleep(spec.warmup());
    reads.reset();
    writes.reset();
    errors.reset();
    CpuMeter servers = cpu.servers();
    CpuMeter client = CpuMeter.start(List.of(ProcessHandle.current().pid()));
    long measured = System.nanoTime();
    Thread.sleep(spec.length());
    Histogram readTimes = reads.getIntervalHistogram();
    Histogram writeTimes = writes.getIntervalHistogram();
    Duration length = Duration.ofNanos(System.nanoTime() - measured);
    Duration clientCpu = client.spent();
    Duration serverCpu = servers.isEmpty() ? Duration.ofNanos(-1) : servers.spent();
    long failed = errors.sum();
    stop = true;
    for (Thread t : threads) {
      t.join(DRAIN);
    }
    return new BenchReport(
        spec, length, readTimes, writeTimes, failed, clientCpu, serverCpu, firstError.get());
  }

  private void runThread(int id, long begin) {
    SplittableRandom random = new SplittableRandom(spec.seed() + id + 1);
    if (spec.outstanding() == 1 && spec.rate() == 0) {
      closedLoop(random);
    } else if (spec.rate() == 0) {
      pipelined(random);
    } else {
      openLoop(id, begin, random);
    }
  }

  private void closedLoop(SplittableRandom random) {
    while (!stop) {
      byte[] key = nextKey(random);
      boolean read = random.nextDouble() < spec.mix().reads();
      long start = System.nanoTime();
      try {
        if (spec.mix().scans()) {
          scanOrInsert(read, key, random);
        } else if (read) {
          store.get(key);
        } else {
          store.put(key, value);
        }
        ended(read, start, null);
      } catch (StoreException e) {
        ended(read, start, e);
      }
    }
  }

  private void scanOrInsert(boolean scan, byte[] key, SplittableRandom random) {
    if (scan) {
      store.scan(key, 1 + random.nextInt(LONGEST_SCAN));
    } else {
      store.put(key(spec.keys() + inserted.getAndIncrement()), value);
    }
  }

  private void pipelined(SplittableRandom random) {
    Semaphore room = new Semaphore(spec.outstanding());
    while (!stop) {
      room.acquireUninterruptibly();
      boolean read = random.nextDouble() < spec.mix().reads();
      send(nextKey(random), read, System.nanoTime(), room);
    }
    room.acquireUninterruptibly(spec.outstanding());
  }

  /**
   * Operations are due at fixed times, and their latency counts from then, whether they could be
   * sent then or not. At most {@code outstanding} are in flight for each thread; a server that can
   * not keep up shows as latency, not as a lower rate of slow operations.
   */
  private void openLoop(int id, long begin, SplittableRandom random) {
    double interval = 1e9 * spec.threads() / spec.rate();
    double due = begin + interval * id / spec.threads();
    Semaphore room = new Semaphore(spec.outstanding());
    while (!stop) {
      due += interval;
      long at = (long) due;
      for (long wait = at - System.nanoTime(); wait > 0 && !stop; wait = at - System.nanoTime()) {
        LockSupport.parkNanos(wait);
      }
      room.acquireUninterruptibly();
      send(nextKey(random), random.nextDouble() < spec.mix().reads(), at, room);
    }
    room.acquireUninterruptibly(spec.outstanding());
  }

  private void send(byte[] key, boolean read, long start, Semaphore room) {
    CompletionStage<?> stage;
    try {
      stage = read ? store.getAsync(key) : store.putAsync(key, value);
    } catch (StoreException e) {
      ended(read, start, e);
      room.release();
      return;
    }
    stage.whenComplete((_, error) -> {
      ended(read, start, error);
      room.release();
    });
  }

  private void ended(boolean read, long start, @Nullable Throwable error) {
    if (error != null) {
      errors.increment();
      firstError.compareAndSet("", String.valueOf(error.getMessage()));
      return;
    }
    long nanos = Math.clamp(System.nanoTime() - start, 0, ServiceMeter.HIGHEST_NANOS);
    (read ? reads : writes).recordValue(nanos);
  }

  private byte[] nextKey(SplittableRandom random) {
    return key(spec.mix().zipf() ? zipf.next(random) : random.nextInt(spec.keys()));
  }
}
