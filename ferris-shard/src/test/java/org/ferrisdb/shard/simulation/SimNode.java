package org.ferrisdb.shard.simulation;

import java.util.List;
import java.util.Random;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.jspecify.annotations.Nullable;

/**
 * A machine: its two clocks, its disk, and all threads of its process, which are one executor whose
 * tasks become events of the {@link World}.
 *
 * <p>The monotonic clock is a little fast or slow, and stands still while the machine is suspended;
 * the wall clock can be set. At any reading of a clock the machine may <em>stand still</em>: the
 * world goes on inside that reading, and the task that read continues later. So a node can lose any
 * amount of time between any two readings, which is where leases are won and lost.
 */
final class SimNode extends AbstractExecutorService implements ScheduledExecutorService {
  private static final long START_MILLIS = 1_700_000_000_000L;

  final int id;
  final World world;
  final FaultyFileSystem files = new FaultyFileSystem();
  private final long startNanos;
  private final int drift;
  private long suspendedNanos;
  private long wallOffsetMillis;
  private int life;
  private boolean up;
  private long standsStillUntil;
  private boolean running;
  private boolean pausesAllowed = true;
  private long readsToPause;
  private Runnable onDiskCrash = () -> {};

  SimNode(int id, World world) {
    this.id = id;
    this.world = world;
    this.startNanos = world.random.nextLong(1_000_000_000L, 1_000_000_000_000L);
    int most = world.weather.driftPerMillion();
    this.drift = world.random.nextInt(-most, most + 1);
    drawPause();
  }

  // ---- clocks -----------------------------------------------------------------------------------

  /** The monotonic clock, as the code under test reads it. */
  long nanoTime() {
    read();
    return monotonic();
  }

  /** The wall clock, as the code under test reads it. */
  long wallMillis() {
    read();
    long passed = drifted(world.now() - suspendedNanos) + suspendedNanos;
    return START_MILLIS + wallOffsetMillis + passed / Weather.MILLI;
  }

  /** The monotonic clock for the harness: nothing happens meanwhile. */
  long monotonic() {
    return startNanos + drifted(world.now() - suspendedNanos);
  }

  private long drifted(long nanos) {
    return nanos + nanos / 1_000_000 * drift;
  }

  /** Sets the wall clock by that much. */
  void stepWall(long millis) {
    wallOffsetMillis += millis;
  }

  private void read() {
    if (running && pausesAllowed && --readsToPause == 0) {
      drawPause();
      if (world.mayNest()) {
        long nanos = 1 + world.random.nextLong(world.weather.longestPauseNanos());
        standStill(nanos, world.random.nextInt(4) == 0);
        world.pausing(this);
        world.runNested(nanos);
      }
    }
  }

  private void drawPause() {
    int every = world.weather.pauseEveryReads();
    readsToPause = every == 0 ? Long.MAX_VALUE : 1 + world.random.nextLong(2L * every);
  }

  /** Nothing happens on this machine for a while; suspended: its monotonic clock stands too. */
  void standStill(long nanos, boolean suspended) {
    if (standsStill()) {
      return; // what stands still is not stopped again: its clock would go back
    }
    standsStillUntil = world.now() + nanos;
    if (suspended) {
      suspendedNanos += nanos;
    }
    say("%s for %.1f ms", suspended ? "suspended" : "stopped", nanos / 1e6);
  }

  boolean standsStill() {
    return standsStillUntil > world.now();
  }

  long standsStillUntil() {
    return standsStillUntil;
  }

  void allowPauses(boolean allowed) {
    pausesAllowed = allowed;
  }

  // ---- life -------------------------------------------------------------------------------------

  boolean up() {
    return up;
  }

  boolean lives(int which) {
    return up && (which == World.ANY_LIFE || which == life);
  }

  int life() {
    return life;
  }

  /** Whether it is in the middle of a task: then it can not be killed now. */
  boolean busy() {
    return running;
  }

  /** What to do when the disk has lost power in the middle of an operation. */
  void onDiskCrash(Runnable action) {
    onDiskCrash = action;
  }

  void start() {
    up = true;
    life++;
  }

  /** The power goes; what was not synced is lost, or a random part of it. */
  void die() {
    up = false;
    life++;
    files.crash(world.random.nextBoolean() ? null : new Random(world.random.nextLong()));
  }

  void run(Runnable task) {
    SimNode before = world.running(this);
    running = true;
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      if (!files.crashed()) {
        world.violation("a task of node %d failed: %s", id, Failures.text(e));
      }
    } finally {
      running = false;
      world.running(before);
    }
    if (up && files.crashed()) {
      onDiskCrash.run();
    }
  }

  void say(String what, @Nullable Object... details) {
    if (world.trace.keeps()) {
      world.trace.line(world.now(), "node " + id, what, details);
    }
  }

  // ---- threads ----------------------------------------------------------------------------------

  private static final class Timer<V> implements ScheduledFuture<V> {
    private final World.Event event;
    private boolean cancelled;

    Timer(World.Event event) {
      this.event = event;
    }

    @Override
    public boolean cancel(boolean interrupt) {
      cancelled = true;
      event.cancel();
      return true;
    }

    @Override
    public boolean isCancelled() {
      return cancelled;
    }

    @Override
    public boolean isDone() {
      return false;
    }

    @Override
    public V get() {
      throw new UnsupportedOperationException("nobody waits in a simulation");
    }

    @Override
    public V get(long timeout, TimeUnit unit) {
      return get();
    }

    @Override
    public long getDelay(TimeUnit unit) {
      return 0;
    }

    @Override
    public int compareTo(Delayed other) {
      return 0;
    }
  }

  @Override
  public void execute(Runnable task) {
    // Tasks of different actors overtake each other by microseconds.
    world.after(world.random.nextInt(30_000), this, life, task);
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
    long nanos = unit.toNanos(Math.max(0, delay)) + world.random.nextInt(50_000);
    return new Timer<Void>(world.after(nanos, this, life, task));
  }

  @Override
  public <V> ScheduledFuture<V> schedule(Callable<V> task, long delay, TimeUnit unit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public ScheduledFuture<?> scheduleAtFixedRate(
      Runnable task, long initialDelay, long period, TimeUnit unit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public ScheduledFuture<?> scheduleWithFixedDelay(
      Runnable task, long initialDelay, long delay, TimeUnit unit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void shutdown() {}

  @Override
  public List<Runnable> shutdownNow() {
    return List.of();
  }

  @Override
  public boolean isShutdown() {
    return false;
  }

  @Override
  public boolean isTerminated() {
    return false;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return true;
  }
}
