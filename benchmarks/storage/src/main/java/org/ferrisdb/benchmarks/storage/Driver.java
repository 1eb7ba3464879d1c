package org.ferrisdb.benchmarks.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongUnaryOperator;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/** Does the workloads with one store, one after the other, and measures them. */
final class Driver {
  private static final long SEED = 42;

  /** Enough that a memtable is flushed while others are written, and what does it is compiled. */
  private static final int WARM_UP_RECORDS = 500_000;

  private static final long WARM_UP_BYTES = 256L << 20;

  /** So little that no memtable is full by it: all of it is in the log alone. */
  private static final long RECOVER_BYTES = 24L << 20;

  /** So many that what a JVM costs in its first second is a small part: 400 MB in all. */
  private static final int RECOVER_STORES = 16;

  /** Overwriting takes so many times as long as other workloads at the most. */
  private static final int OVERWRITE_RUNS = 15;

  private static final long PACED_PER_SECOND = 20_000;

  /** A compiler that works for less of the time than this has compiled what matters. */
  private static final int SETTLED_PERCENT = 5;

  /** It is not waited for longer than so many times as long as a workload takes. */
  private static final int MOST_WARM_UPS = 3;

  private final Contestant contestant;
  private final Path directory;
  private final Data data;
  private final long runNanos;
  private final Consumer<Measurement> results;

  /** One operation on a store; its number is counted from 0. */
  private interface Operation {
    void run(Store store, long number, SplittableRandom random);
  }

  /**
   * For one run.
   *
   * @param directory an empty one
   * @param seconds of each workload that has no end of its own
   * @param results is given each as it comes
   */
  Driver(
      Contestant contestant,
      Path directory,
      Data data,
      double seconds,
      Consumer<Measurement> results) {
    this.contestant = contestant;
    this.directory = directory;
    this.data = data;
    this.runNanos = (long) (seconds * 1e9);
    this.results = results;
  }

  /** All of these that the contestant can do. */
  void run(List<Workload> workloads) {
    List<Workload> chosen = workloads.stream().filter(contestant::does).sorted().toList();
    warmUp();
    for (Workload workload : chosen) {
      if (workload.compareTo(Workload.FILLRANDOM) < 0) {
        withFreshStore(workload);
      }
    }
    boolean onRecords = chosen.stream().anyMatch(w -> w.compareTo(Workload.FILLRANDOM) >= 0);
    if (onRecords) {
      onRecords(chosen);
    }
  }

  private Store open(Path home, Store.Log log) {
    return contestant.open(new Store.Place(home, log, Sizes.cacheBytes(data)));
  }

  private void done(Workload workload, Clock clock, Histogram nanos, long operations, Path home) {
    results.accept(clock.measurement(workload, nanos, operations, data, home));
  }

  /** What the JVM has not compiled yet is not what anybody wants to know of. */
  private void warmUp() {
    long records = WARM_UP_BYTES / (Data.KEY_BYTES + data.valueBytes());
    records = Math.min(Math.min(records, WARM_UP_RECORDS), data.records());
    Data little = new Data((int) records, data.valueBytes());
    for (Store.Log log : List.of(Store.Log.UNSYNCED, Store.Log.NONE)) {
      if (log == Store.Log.NONE && !contestant.does(Workload.APPLY)) {
        continue;
      }
      Path home = directory.resolve("warm-up");
      SplittableRandom random = new SplittableRandom(SEED);
      try (Store store = open(home, log)) {
        for (int i = 0; i < little.records(); i++) {
          store.put(Data.key(little.permuted(i)), little.value(random));
        }
        store.compact();
        for (int i = 0; i < little.records(); i++) {
          long number = random.nextInt(little.records());
          Sizes.consume(store.get(i % 4 == 0 ? Data.missingKey(number) : Data.key(number)));
          if (i % 20 == 0) {
            int _ = store.scan(Data.key(number), 100, i % 40 == 0);
            store.delete(Data.key(number));
          }
        }
      }
      delete(home);
    }
  }

  private void withFreshStore(Workload workload) {
    Path home = directory.resolve(workload.id());
    switch (workload) {
      case APPLY -> fill(workload, home, Store.Log.NONE, data::permuted);
      case FILLSEQ -> fill(workload, home, Store.Log.UNSYNCED, place -> place);
      case RECOVER -> recover(home);
      default -> fillSync(workload, home);
    }
    delete(home);
  }

  private void fill(Workload workload, Path home, Store.Log log, LongUnaryOperator order) {
    try (Store store = open(home, log)) {
      fill(workload, store, home, order);
    }
  }

  private void fill(Workload workload, Store store, Path home, LongUnaryOperator order) {
    SplittableRandom random = new SplittableRandom(SEED);
    Histogram nanos = histogram();
    Clock clock = new Clock();
    for (int i = 0; i < data.records(); i++) {
      byte[] key = Data.key(order.applyAsLong(i));
      byte[] value = data.value(random);
      long start = System.nanoTime();
      store.put(key, value);
      nanos.recordValue(System.nanoTime() - start);
    }
    clock.stop();
    store.flush();
    store.settle();
    done(workload, clock, nanos, data.records(), home);
  }

  private void fillSync(Workload workload, Path home) {
    int threads = Integer.parseInt(workload.id().substring("fillsync-".length()));
    try (Store store = open(home, Store.Log.SYNCED)) {
      AtomicLong places = new AtomicLong();
      Operation put =
          (s, _, random) ->
              s.put(Data.key(data.permuted(places.getAndIncrement())), data.value(random));
      forTime(store, threads, runNanos / 4, Long.MAX_VALUE, put, histogram());
      timed(workload, store, home, threads, put);
    }
  }

  /** An operation is a record; a time in the histogram is that of opening one store. */
  private void recover(Path home) {
    long bytes = Math.min(RECOVER_BYTES, data.rawBytes());
    long records = bytes / (Data.KEY_BYTES + data.valueBytes());
    List<Path> homes = new ArrayList<>();
    createDirectory(home);
    for (int i = 0; i < RECOVER_STORES; i++) {
      Path one = home.resolve("store-" + i);
      homes.add(one);
      SplittableRandom random = new SplittableRandom(SEED + i);
      try (Store store = open(one, Store.Log.UNSYNCED)) {
        for (long place = 0; place < records; place++) {
          store.put(Data.key(data.permuted(place)), data.value(random));
        }
      }
    }
    Histogram nanos = histogram();
    List<Store> opened = new ArrayList<>();
    try {
      Clock clock = new Clock();
      for (Path one : homes) {
        long start = System.nanoTime();
        opened.add(open(one, Store.Log.UNSYNCED));
        nanos.recordValue(System.nanoTime() - start);
      }
      clock.stop();
      opened.forEach(Store::settle);
      done(Workload.RECOVER, clock, nanos, records * RECOVER_STORES, home);
      for (Store store : opened) {
        for (long place = 0; place < records; place += 97) {
          found(store, data.permuted(place));
        }
      }
    } finally {
      opened.forEach(Store::close);
    }
  }

  private void onRecords(List<Workload> chosen) {
    Path home = directory.resolve("records");
    try (Store store = open(home, Store.Log.UNSYNCED)) {
      fill(Workload.FILLRANDOM, store, home, data::permuted);
      compact(store, home);
    }
    if (chosen.contains(Workload.READRANDOM_LARGE)) {
      long cache = Sizes.smallCacheBytes(data);
      try (Store store = contestant.open(new Store.Place(home, Store.Log.UNSYNCED, cache))) {
        onRecords(Workload.READRANDOM_LARGE, store, home);
      }
    }
    try (Store store = open(home, Store.Log.UNSYNCED)) {
      // Reads are of what is cached: to fill the cache is not what is measured, nor is what a
      // collector does when all of it is new.
      readAll(store);
      for (Workload workload : chosen) {
        if (workload.compareTo(Workload.READRANDOM_LARGE) > 0) {
          onRecords(workload, store, home);
        }
      }
    }
    delete(home);
  }

  private void compact(Store store, Path home) {
    if (!contestant.does(Workload.COMPACT)) {
      return;
    }
    Histogram nanos = histogram();
    Clock clock = new Clock();
    long start = System.nanoTime();
    store.compact();
    nanos.recordValue(System.nanoTime() - start);
    clock.stop();
    store.settle();
    done(Workload.COMPACT, clock, nanos, data.records(), home);
  }

  private void onRecords(Workload workload, Store store, Path home) {
    int records = data.records();
    switch (workload) {
      case READRANDOM, READRANDOM_LARGE ->
          reads(workload, store, home, (s, _, r) -> found(s, r.nextInt(records)));
      case READMISSING ->
          reads(
              workload,
              store,
              home,
              (s, _, r) -> Sizes.consume(s.get(Data.missingKey(r.nextInt(records)))));
      case SEEK_10 -> reads(workload, store, home, (s, _, r) -> scan(s, r, 10, true));
      case SEEK_100 -> reads(workload, store, home, (s, _, r) -> scan(s, r, 100, true));
      case SEEK_100_REVERSE -> reads(workload, store, home, (s, _, r) -> scan(s, r, 100, false));
      case READSEQ -> readAll(store, home);
      case READWHILEWRITING -> readWhileWriting(store, home);
      case OVERWRITE, OVERWRITE_STEADY ->
          timed(
              workload,
              store,
              home,
              1,
              OVERWRITE_RUNS * runNanos,
              2L * records,
              (s, _, r) -> s.put(Data.key(r.nextInt(records)), data.value(r)),
              () -> {});
      case DELETERANDOM ->
          timed(workload, store, home, 1, (s, n, _) -> s.delete(Data.key(data.permuted(n))));
      default -> throw new IllegalArgumentException("not on records: " + workload);
    }
  }

  private static void found(Store store, long number) {
    if (store.get(Data.key(number)) == Store.ABSENT) {
      throw new IllegalStateException("record " + number + " is lost");
    }
  }

  private void scan(Store store, SplittableRandom random, int limit, boolean forward) {
    int room = data.records() - limit;
    int number = random.nextInt(room) + (forward ? 0 : limit);
    int read = store.scan(Data.key(number), limit, forward);
    if (read != limit) {
      throw new IllegalStateException(read + " of " + limit + " entries from record " + number);
    }
  }

  /**
   * Warmed up by themselves first, until the compiler has little to do any more: it works beside
   * them, and what it has not compiled is many times slower.
   */
  private void reads(Workload workload, Store store, Path home, Operation operation) {
    reads(workload, store, home, operation, () -> {});
  }

  /** The same; what is to end with them is ended before the store is left to settle. */
  private void reads(
      Workload workload, Store store, Path home, Operation operation, Runnable atEnd) {
    CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
    long begin = System.nanoTime();
    boolean settled = false;
    while (!settled && System.nanoTime() - begin < MOST_WARM_UPS * runNanos) {
      long round = System.nanoTime();
      long before = compiler.getTotalCompilationTime();
      forTime(store, 1, runNanos / 4, Long.MAX_VALUE, operation, histogram());
      long compiled = (compiler.getTotalCompilationTime() - before) * 1_000_000;
      settled = compiled * 100 < SETTLED_PERCENT * (System.nanoTime() - round);
    }
    timed(workload, store, home, 1, runNanos, Long.MAX_VALUE, operation, atEnd);
  }

  private void readAll(Store store, Path home) {
    readAll(store);
    Histogram nanos = histogram();
    Clock clock = new Clock();
    long start = System.nanoTime();
    readAll(store);
    nanos.recordValue(System.nanoTime() - start);
    clock.stop();
    done(Workload.READSEQ, clock, nanos, data.records(), home);
  }

  private void readAll(Store store) {
    int read = store.scan(Data.key(0), Integer.MAX_VALUE, true);
    if (read != data.records()) {
      throw new IllegalStateException(read + " of " + data.records() + " entries");
    }
  }

  private void readWhileWriting(Store store, Path home) {
    AtomicBoolean done = new AtomicBoolean();
    Thread writer =
        Thread.ofPlatform()
            .start(() -> {
              SplittableRandom random = new SplittableRandom(SEED + 1);
              long start = System.nanoTime();
              for (long i = 0; !done.get(); i++) {
                long due = start + i * 1_000_000_000L / PACED_PER_SECOND;
                for (long left = due - System.nanoTime(); left > 0 && !done.get(); ) {
                  LockSupport.parkNanos(left); // which may return early
                  left = due - System.nanoTime();
                }
                store.put(Data.key(random.nextInt(data.records())), data.value(random));
              }
            });
    Runnable stop =
        () -> {
          done.set(true);
          join(writer);
        };
    try {
      reads(
          Workload.READWHILEWRITING,
          store,
          home,
          (s, _, r) -> found(s, r.nextInt(data.records())),
          stop); // a store that is written to may never settle
    } finally {
      stop.run();
    }
  }

  /** For the time that a workload has. */
  private void timed(Workload workload, Store store, Path home, int threads, Operation operation) {
    timed(workload, store, home, threads, runNanos, Long.MAX_VALUE, operation, () -> {});
  }

  private void timed(
      Workload workload,
      Store store,
      Path home,
      int threads,
      long duration,
      long most,
      Operation operation,
      Runnable atEnd) {
    Histogram nanos = histogram();
    Clock clock = new Clock();
    long operations = forTime(store, threads, duration, most, operation, nanos);
    clock.stop();
    atEnd.run();
    store.settle();
    done(workload, clock, nanos, operations, home);
  }

  /** For that time, or until each thread has done the most that it shall. */
  private static long forTime(
      Store store, int threads, long duration, long most, Operation operation, Histogram into) {
    List<Histogram> each = new ArrayList<>();
    List<Thread> running = new ArrayList<>();
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    for (int t = 0; t < threads; t++) {
      Histogram own = histogram();
      each.add(own);
      SplittableRandom random = new SplittableRandom(SEED + 100 + t);
      Runnable loop = () -> loop(store, duration, most, operation, own, random);
      running.add(
          Thread.ofPlatform()
              .name("driver-" + t)
              .uncaughtExceptionHandler((_, e) -> failures.add(e))
              .start(loop));
    }
    running.forEach(Driver::join);
    if (!failures.isEmpty()) {
      throw new IllegalStateException("the workload failed", failures.getFirst());
    }
    each.forEach(into::add);
    return into.getTotalCount();
  }

  private static void loop(
      Store store,
      long duration,
      long most,
      Operation operation,
      Histogram nanos,
      SplittableRandom random) {
    long begin = System.nanoTime();
    long start = begin;
    for (long i = 0; i < most && start - begin < duration; i++) {
      operation.run(store, i, random);
      long now = System.nanoTime();
      nanos.recordValue(now - start);
      start = now;
    }
  }

  private static Histogram histogram() {
    return new Histogram(3);
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static void createDirectory(Path home) {
    try {
      Files.createDirectories(home);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path home) {
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
