package org.ferrisdb.integration.workload;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.integration.history.History;
import org.jspecify.annotations.Nullable;

/**
 * Runs one workload: some clients, a thread each, that take the operations of one plan in turns at
 * a steady rate. Its methods are for one thread, the one that made it.
 */
public final class Generator {
  /** So long may a call outlive its deadline before it counts as hanging: a busy machine. */
  private static final Duration GRACE = Duration.ofSeconds(10);

  /** Between two tries of a final read. */
  private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  /**
   * How much, for how long.
   *
   * @param perSecond operations a second, of all clients together
   * @param clients how many of them
   * @param duration for which operations are begun
   * @param deadline of each call
   * @param seed of the plan
   */
  public record Settings(
      double perSecond, int clients, Duration duration, Duration deadline, long seed) {
    /** Rejects what makes no sense. */
    public Settings {
      if (clients < 1 || duration.isNegative() || !(perSecond > 0)) {
        throw new IllegalArgumentException("no work: " + clients + " clients, " + perSecond + "/s");
      }
    }
  }

  /** What is to be done next, and when. */
  private record Turn(Operation operation, long due) {}

  private final Workload workload;
  private final Settings settings;
  private final History history;
  private final LongSupplier nanoTime;
  private final List<Client> clients = new CopyOnWriteArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final List<String> faults = new CopyOnWriteArrayList<>();
  private final Random random;
  private final Object turns = new Object();

  @GuardedBy("turns")
  private @Nullable Pace pace;

  private volatile long end;
  private volatile boolean stopped;

  /** Makes one; {@link #start} begins. */
  public Generator(Workload workload, Settings settings, History history, LongSupplier nanoTime) {
    this.workload = workload;
    this.settings = settings;
    this.history = history;
    this.nanoTime = nanoTime;
    this.random = new Random(settings.seed());
  }

  /** Whose work it is. */
  public Workload workload() {
    return workload;
  }

  /**
   * Starts the clients and returns.
   *
   * @param connections of client 0, 1, ..., with the deadline that its calls are to have, which is
   *     no longer than that of the settings: asked before each call, by the client's own thread;
   *     may be shared, and stay the caller's to close
   */
  public void start(IntFunction<Supplier<Ferris>> connections) {
    long now = nanoTime.getAsLong();
    end = now + settings.duration().toNanos();
    synchronized (turns) {
      pace = new Pace(settings.perSecond(), now);
    }
    for (int i = 0; i < settings.clients(); i++) {
      Client client = newClient(connections.apply(i));
      threads.add(
          Thread.ofPlatform().name(workload.name() + "-" + i).daemon().start(() -> work(client)));
    }
  }

  private Client newClient(Supplier<Ferris> connection) {
    Client client = new Client(connection, history);
    clients.add(client);
    return client;
  }

  private void work(Client client) {
    try {
      while (!stopped) {
        Turn turn = turn();
        for (long wait = turn.due - nanoTime.getAsLong(); wait > 0; ) {
          LockSupport.parkNanos(wait);
          wait = turn.due - nanoTime.getAsLong();
        }
        if (stopped || turn.due - end >= 0) {
          return;
        }
        workload.run(client, turn.operation);
      }
    } catch (RuntimeException e) {
      faults.add(workload.name() + ": a client ended with " + e);
    }
  }

  private Turn turn() {
    synchronized (turns) {
      Pace steady = Objects.requireNonNull(pace);
      return new Turn(workload.next(random), steady.next(nanoTime.getAsLong()));
    }
  }

  /** No operation begins any more; those under way end by their deadlines. */
  public void stop() {
    stopped = true;
  }

  /**
   * Waits until the clients are done: the duration is over or {@link #stop} was called. A client
   * that hangs beyond the deadline of its call is a fault of the database, see {@link #faults}.
   */
  public void join() throws InterruptedException {
    for (Thread thread : threads) {
      long left = stopped ? 0 : Math.max(0, end - nanoTime.getAsLong());
      Duration patience = Duration.ofNanos(left).plus(settings.deadline()).plus(GRACE);
      if (!thread.join(patience)) {
        faults.add(workload.name() + ": a call did not end by its deadline, in " + where(thread));
      }
    }
  }

  private static String where(Thread thread) {
    StackTraceElement[] stack = thread.getStackTrace();
    return stack.length == 0 ? thread.getName() : thread.getName() + " at " + stack[0];
  }

  /**
   * The final reads, each repeated until it is answered; to be called after {@link #join}.
   *
   * @param from a connection to the node to ask
   * @param patience for all of them together
   * @return what was not answered in time, one line each
   */
  public List<String> finalReads(Ferris from, String node, Duration patience) {
    List<Operation> reads;
    synchronized (turns) {
      reads = workload.finalReads();
    }
    Client client = newClient(() -> from.withDeadline(settings.deadline()));
    long last = nanoTime.getAsLong() + patience.toNanos();
    List<String> unanswered = new ArrayList<>();
    for (Operation read : reads) {
      boolean answered = false;
      while (!answered && last - nanoTime.getAsLong() > 0) {
        workload.run(client, read);
        answered = client.lastDone();
        if (!answered) {
          LockSupport.parkNanos(RETRY_NANOS);
        }
      }
      if (!answered) {
        String what = read.key() == null ? read.f() : read.f() + " " + read.key();
        unanswered.add(
            workload.name() + ": the final " + what + " through " + node + " was not answered");
      }
    }
    return unanswered;
  }

  /** The process numbers of this workload's clients, as they stand in events. */
  public Set<String> processes() {
    Set<String> all = new TreeSet<>();
    clients.forEach(c -> all.addAll(c.processes()));
    return all;
  }

  /** What can not be the cluster's answer: calls that hang, exceptions that nobody expects. */
  public List<String> faults() {
    return List.copyOf(faults);
  }
}
