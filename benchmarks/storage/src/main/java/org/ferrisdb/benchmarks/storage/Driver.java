package org.ferrisdb.benchmarks.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/** Does the workloads with one store, one after the other, and measures them. */
final class Driver {
  private static final long SEED = 42;
  private static final int WARM_UP_RECORDS = 200_000;

  /** So little that no memtable is full by it: all of it is in the log alone. */
  private static final long RECOVER_BYTES = 24L << 20;

  private static final long PACED_PER_SECOND = 20_000;

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

  /** What the JVM has not compiled yet is not what anybody wants to know of. */
  private void warmUp() {
    Data little = new Data(Math.min(WARM_UP_RECORDS, data.records()), data.valueBytes());
    for (Store.Log log : List.of(Store.Log.UNSYNCED, Store.Log.NONE)) {
      if (log == Store.Log.NONE && !contestant.does(Workload.APPLY)) {
        continue;
      }
      Path home = directory.resolve("warm-up");
      SplittableRandom random = new SplittableRandom(SEED);
      try (Store store = contestant.open(new Store.Place(home, log))) {
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

  private void fill(
      Workload workload, Path home, Store.Log log, java.util.function.LongUnaryOperator order) {
    try (Store store = contestant.open(new Store.Place(home, log))) {
      fill(workload, store, home, order);
    }
  }

  private void fill(
      Workload workload, Store store, Path home, java.util.function.LongUnaryOperator order) {
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
    results.accept(clock.measurement(workload, nanos, data.records(), home));
  }

  private void fillSync(Workload workload, Path home) {
    int threads = Integer.parseInt(workload.id().substring("fillsync-".length()));
    try (Store store = contestant.open(new Store.Place(home, Store.Log.SYNCED))) {
      AtomicLong places = new AtomicLong();
      Operation put =
          (s, _, random) ->
              s.put(Data.key(data.permuted(places.getAndIncrement())), data.value(random));
      forTime(store, threads, runNanos / 4, put, histogram());
      timed(workload, store, home, threads, put);
    }
  }

  private void recover(Path home) {
    long bytes = Math.min(RECOVER_BYTES, data.rawBytes());
    long records = bytes / (Data.KEY_BYTES + data.valueBytes());
    SplittableRandom random = new SplittableRandom(SEED);
    try (Store store = contestant.open(new Store.Place(home, Store.Log.UNSYNCED))) {
      for (long i = 0; i < records; i++) {
        store.put(Data.key(data.permuted(i)), data.value(random));
      }
    }
    Clock clock = new Clock();
    Histogram nanos = histogram();
    long start = System.nanoTime();
    try (Store store = contestant.open(new Store.Place(home, Store.Log.UNSYNCED))) {
      nanos.recordValue(System.nanoTime() - start);
      clock.stop();
      store.settle();
      results.accept(clock.measurement(Workload.RECOVER, nanos, records, home));
      for (long i = 0; i < records; i += 97) {
        found(store, data.permuted(i));
      }
    }
  }

  private void onRecords(List<Workload> chosen) {
    Path home = directory.resolve("records");
    try (Store store = contestant.open(new Store.Place(home, Store.Log.UNSYNCED))) {
      fill(Workload.FILLRANDOM, store, home, data::permuted);
      compact(store, home);
      for (Workload workload : chosen) {
        if (workload.compareTo(Workload.COMPACT) > 0) {
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
    results.accept(clock.measurement(Workload.COMPACT, nanos, data.records(), home));
  }

  private void onRecords(Workload workload, Store store, Path home) {
    int records = data.records();
    switch (workload) {
      case READRANDOM -> reads(workload, store, home, (s, _, r) -> found(s, r.nextInt(records)));
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
      case OVERWRITE ->
          timed(
              workload,
              store,
              home,
              1,
              (s, _, r) -> s.put(Data.key(r.nextInt(records)), data.value(r)));
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

  /** Warmed up by themselves first. */
  private void reads(Workload workload, Store store, Path home, Operation operation) {
    forTime(store, 1, runNanos / 2, operation, histogram());
    timed(workload, store, home, 1, operation);
  }

  private void readAll(Store store, Path home) {
    for (boolean measured : new boolean[] {false, true}) {
      Histogram nanos = histogram();
      Clock clock = new Clock();
      long start = System.nanoTime();
      int read = store.scan(Data.key(0), Integer.MAX_VALUE, true);
      nanos.recordValue(System.nanoTime() - start);
      clock.stop();
      if (read != data.records()) {
        throw new IllegalStateException(read + " of " + data.records() + " entries");
      }
      if (measured) {
        results.accept(clock.measurement(Workload.READSEQ, nanos, read, home));
      }
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
    try {
      reads(
          Workload.READWHILEWRITING, store, home, (s, _, r) -> found(s, r.nextInt(data.records())));
    } finally {
      done.set(true);
      join(writer);
    }
  }

  /** For the time that a workload has. */
  private void timed(Workload workload, Store store, Path home, int threads, Operation operation) {
    Histogram nanos = histogram();
    Clock clock = new Clock();
    long operations = forTime(store, threads, runNanos, operation, nanos);
    clock.stop();
    store.settle();
    results.accept(clock.measurement(workload, nanos, operations, home));
  }

  private static long forTime(
      Store store, int threads, long duration, Operation operation, Histogram into) {
    List<Histogram> each = new ArrayList<>();
    List<Thread> running = new ArrayList<>();
    List<Throwable> failures = java.util.Collections.synchronizedList(new ArrayList<>());
    for (int t = 0; t < threads; t++) {
      Histogram own = histogram();
      each.add(own);
      SplittableRandom random = new SplittableRandom(SEED + 100 + t);
      Runnable loop = () -> loop(store, duration, operation, own, random);
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
      Store store, long duration, Operation operation, Histogram nanos, SplittableRandom random) {
    long begin = System.nanoTime();
    long start = begin;
    for (long i = 0; start - begin < duration; i++) {
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
