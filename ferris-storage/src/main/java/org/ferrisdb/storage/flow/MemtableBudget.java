package org.ferrisdb.storage.flow;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.ferrisdb.storage.StorageException;
import org.jspecify.annotations.Nullable;

/**
 * One limit for the memtables of all engines of a process, counted by the bytes they hold.
 *
 * <pre>
 * 0 ............................ 3/4 of the limit ........ 13/16 ............... limit
 *   each engine for itself       | largest flushed first   | writers slow down   | writers stop
 * </pre>
 *
 * <p>Above three quarters the engine with the largest active memtable is asked to freeze and flush
 * it, be it ever so idle, unless so much is on its way to disk already that more would only make
 * small tables (the rule of RocksDB's WriteBufferManager).
 *
 * <p>No engine's lock is held while another engine is asked for something, and nobody who asks
 * waits: so engines can not wait for each other in a circle. Safe for many threads.
 */
public final class MemtableBudget {
  /** Without a limit. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  private final long limit;
  private final long step;
  private final AtomicLong active = new AtomicLong();
  private final AtomicLong frozen = new AtomicLong();
  private final AtomicInteger waiting = new AtomicInteger();
  private final List<Account> accounts = new CopyOnWriteArrayList<>();
  private final ReentrantLock choosing = new ReentrantLock();

  /** A budget of that many bytes. */
  public MemtableBudget(long limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("memtable bytes: " + limit + "; at least 1");
    }
    this.limit = limit;
    this.step = limit / 4096;
  }

  /** An engine, as the budget sees it. Nothing of this may wait for a writer or for a disk. */
  public interface Engine {
    /** What it holds. */
    Usage usage();

    /**
     * To freeze and flush its active memtable soon. From now on {@link #usage} counts it as frozen.
     */
    void freezeSoon();

    /** There is less in the budget than there was. */
    void roomAgain();

    /** To try a flush again that has failed, where nobody else does. */
    void retryFlush();
  }

  /**
   * What an engine holds.
   *
   * @param active bytes of the memtable that is written to, 0 if it is empty
   * @param frozen bytes of those that are being flushed, or are about to be
   * @param canFreeze whether it can be asked to freeze the active one
   * @param flushError why its flush fails, null if it does not
   */
  public record Usage(
      long active, long frozen, boolean canFreeze, @Nullable StorageException flushError) {}

  /** An engine's part of the budget. */
  public final class Account implements AutoCloseable {
    private final Engine engine;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile long active;
    private long frozen;
    private boolean closed;

    private Account(Engine engine) {
      this.engine = engine;
    }

    /** The engine has written; small changes are gathered. */
    public void written(long activeBytes) {
      if (limit != UNLIMITED && Math.abs(activeBytes - active) > step) {
        report();
      }
    }

    /** The engine's memtables are others than before, or its flush fails or no longer fails. */
    public void report() {
      if (limit == UNLIMITED) {
        return;
      }
      boolean less;
      lock.lock();
      try {
        // Asked for in here: of two reports at a time the later knows the newer state.
        Usage usage = closed ? new Usage(0, 0, false, null) : engine.usage();
        less = usage.active() + usage.frozen() < active + frozen || usage.flushError() != null;
        MemtableBudget.this.active.getAndAdd(usage.active() - active);
        MemtableBudget.this.frozen.getAndAdd(usage.frozen() - frozen);
        active = usage.active();
        frozen = usage.frozen();
      } finally {
        lock.unlock();
      }
      if (less && waiting.get() > 0) {
        accounts.forEach(account -> account.engine.roomAgain());
      }
      relieve();
    }

    /** Gives everything back. */
    @Override
    public void close() {
      lock.lock();
      try {
        closed = true;
      } finally {
        lock.unlock();
      }
      accounts.remove(this);
      report();
    }
  }

  /** Takes an engine in. */
  public Account register(Engine engine) {
    Account account = new Account(engine);
    accounts.add(account);
    return account;
  }

  /** Where writers stop, in bytes. */
  public long limit() {
    return limit;
  }

  /** Bytes held by all memtables, but for small changes that were not reported yet. */
  public long held() {
    if (limit != UNLIMITED) {
      return active.get() + frozen.get();
    }
    long held = 0;
    for (Account account : accounts) {
      Usage usage = account.engine.usage();
      held += usage.active() + usage.frozen();
    }
    return held;
  }

  /** Whether writers must stop. */
  public boolean full() {
    return limit != UNLIMITED && active.get() + frozen.get() >= limit;
  }

  /** How near to the limit it is: 0 to 1. */
  public double pressure() {
    return limit == UNLIMITED ? 0 : WritePressure.memory(active.get() + frozen.get(), limit);
  }

  /** A writer begins to wait, and must look whether it has to only after this. */
  public void waitBegins() {
    waiting.getAndIncrement();
  }

  /** It has ended. */
  public void waitEnds() {
    waiting.getAndDecrement();
  }

  /** Why waiting would help nothing: a flush that fails, with none that works; null if it helps. */
  public @Nullable StorageException hopeless() {
    return hopeless(usages());
  }

  /** Has all flushes that failed tried again. */
  public void retryFlushes() {
    accounts.forEach(account -> account.engine.retryFlush());
  }

  private List<Usage> usages() {
    return accounts.stream().map(account -> account.engine.usage()).toList();
  }

  private void relieve() {
    if (!mustFreeze(active.get(), frozen.get(), limit)) {
      return;
    }
    choosing.lock();
    try {
      while (mustFreeze(active.get(), frozen.get(), limit)) {
        List<Account> candidates = List.copyOf(accounts);
        int victim = largest(candidates.stream().map(a -> a.engine.usage()).toList());
        if (victim < 0) {
          return;
        }
        candidates.get(victim).engine.freezeSoon();
        candidates.get(victim).report();
      }
    } finally {
      choosing.unlock();
    }
  }

  // ---- decisions, pure

  /** Where the largest memtable is flushed. */
  static long trigger(long limit) {
    return limit - limit / 4;
  }

  /** Whether one more memtable should be frozen. */
  static boolean mustFreeze(long active, long frozen, long limit) {
    long trigger = trigger(limit);
    // At the limit small tables are better than none: what is frozen may wait for a flush that
    // fails.
    return limit != UNLIMITED
        && active + frozen >= trigger
        && (active >= trigger / 2 || (active > 0 && active + frozen >= limit));
  }

  /** The engine whose active memtable is to be flushed: of the largest the first; -1 if none. */
  static int largest(List<Usage> usages) {
    int largest = -1;
    for (int i = 0; i < usages.size(); i++) {
      Usage usage = usages.get(i);
      if (usage.canFreeze()
          && usage.active() > 0
          && (largest < 0 || usage.active() > usages.get(largest).active())) {
        largest = i;
      }
    }
    return largest;
  }

  /** See {@link #hopeless()}. */
  static @Nullable StorageException hopeless(List<Usage> usages) {
    StorageException error = null;
    for (Usage usage : usages) {
      if (usage.flushError() == null && usage.frozen() > 0) {
        return null;
      }
      error = error == null && usage.frozen() > 0 ? usage.flushError() : error;
    }
    return error;
  }
}
