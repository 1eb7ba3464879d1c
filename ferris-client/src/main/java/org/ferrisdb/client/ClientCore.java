package org.ferrisdb.client;

import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.nio.NioIoHandler;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.client.wire.ErrorReply;
import org.jspecify.annotations.Nullable;

/**
 * The engine of a client: one event loop thread, on which everything below happens, and the ways
 * into it.
 *
 * <p>A call comes in through {@link #submit} from any thread. The loop takes all that have come,
 * hangs each into the {@link DeadlineWheel}, and starts it when {@link Admission} has room.
 * Starting means {@link Call#dispatch}: the {@link Router} or whoever finds a {@link NodeLink} for
 * it. From there it comes back as {@link #reply} or {@link #attemptLost}, until {@link #succeed} or
 * {@link #fail} ends it, once. Since one thread does all of that, no state but the entrance needs a
 * lock, and what many callers ask in the same moment leaves in one write.
 */
final class ClientCore {
  private static final long HOUSEKEEPING_MILLIS = 50;

  private final FerrisOptions options;
  private final SingleThreadIoEventLoop loop;
  private final Thread thread;
  private final SubmissionStack submissions = new SubmissionStack();
  private final Admission admission;
  private final AtomicBoolean closed = new AtomicBoolean();

  // ---- the event loop's
  private final DeadlineWheel wheel;
  private final Transport transport;
  private final Links links;
  private final Router router;
  private final Oracle oracle;
  private final WriteLedger ledger;
  private final Backoff searchBackoff;
  private final Backoff reconnectBackoff;
  private final Backoff busyBackoff;
  private @Nullable Connector connector;
  private boolean ticking;
  private boolean admitting;

  ClientCore(FerrisOptions options, RandomGenerator random) {
    this.options = options;
    Thread[] started = new Thread[1];
    this.loop =
        new SingleThreadIoEventLoop(
            null,
            task -> {
              Thread created = new Thread(task, "ferris-client");
              created.setDaemon(true);
              started[0] = created;
              return created;
            },
            NioIoHandler.newFactory());
    this.admission = new Admission(options);
    this.wheel = new DeadlineWheel(now());
    this.transport =
        new Transport(
            loop,
            options.name(),
            options.network(),
            Math.max(1, options.connectTimeout().toMillis()));
    this.searchBackoff = new Backoff(5, 100, random);
    this.reconnectBackoff = new Backoff(50, 2_000, random);
    this.busyBackoff = new Backoff(5, 500, random);
    this.links = new Links(this);
    this.router = new Router(this);
    this.oracle = new Oracle(this);
    this.ledger = new WriteLedger(random.nextLong(), random.nextLong());
    await(this::housekeep);
    this.thread = started[0];
  }

  // ---- the ways in, from any thread

  /** Starts a call. Its future ends by its deadline, whatever happens. */
  void submit(Call<?> call) {
    if (closed.get()) {
      call.completeExceptionally(Failures.closed(call));
      return;
    }
    String limit = admission.enter(call);
    if (limit != null) {
      call.completeExceptionally(Failures.queueFull(call, limit));
      return;
    }
    if (submissions.push(call)) {
      try {
        loop.execute(this::drain);
      } catch (RejectedExecutionException closing) {
        failLeftovers();
      }
    }
    if (closed.get()) {
      failLeftovers(); // the loop may have drained for the last time just before
    }
  }

  /**
   * How long a connection may take from its start to the node's introduction. Until the first node
   * has answered there is no other to turn to: one that is there but slow is not given up before
   * the time to connect is.
   */
  long handshakeNanos() {
    return connector != null && !connector.future().isDone()
        ? options.connectTimeout().toNanos()
        : transport.handshakeNanos();
  }

  /** Connects to a cluster, on the loop; the connector's future tells. */
  void connect(Connector task) {
    loop.execute(() -> {
      connector = task;
      task.start();
    });
  }

  boolean inEventLoop() {
    return loop.inEventLoop();
  }

  boolean isClosed() {
    return closed.get();
  }

  /** The cached map, for a look from any thread. */
  RouteTable routes() {
    return router.table();
  }

  /** Fails every call, closes every connection, ends the thread. Idempotent. */
  void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    await(this::closeOnLoop);
    var unused = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    if (loop.inEventLoop()) {
      return;
    }
    try {
      thread.join(TimeUnit.SECONDS.toMillis(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    failLeftovers();
  }

  private void closeOnLoop() {
    drain();
    for (Call<?> call : wheel.all()) {
      fail(call, Failures.closed(call));
    }
    for (NodeLink link : links.all()) {
      link.close("the client was closed");
    }
  }

  /** Runs something on the loop and waits for it. */
  private void await(Runnable task) {
    if (loop.inEventLoop()) {
      task.run();
      return;
    }
    CountDownLatch done = new CountDownLatch(1);
    loop.execute(() -> {
      try {
        task.run();
      } finally {
        done.countDown();
      }
    });
    boolean interrupted = false;
    while (true) {
      try {
        done.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void failLeftovers() {
    for (Call<?> call = submissions.takeAll(); call != null; call = call.nextSubmitted) {
      admission.leave(call);
      call.completeExceptionally(Failures.closed(call));
    }
  }

  // ---- on the loop: starting

  private void drain() {
    Call<?> call = submissions.takeAll();
    while (call != null) {
      Call<?> next = call.nextSubmitted;
      call.nextSubmitted = null;
      wheel.add(call);
      admission.queue(call);
      call = next;
    }
    startTicking();
    startQueued();
  }

  private void startQueued() {
    if (admitting) {
      return; // a call that ends while it is started makes room: the loop below sees it
    }
    admitting = true;
    try {
      for (Call<?> call = admission.next(); call != null; call = admission.next()) {
        call.dispatch(this);
      }
    } finally {
      admitting = false;
    }
  }

  /** Starts a call that the client makes for itself; it needs no admission. */
  void submitInternal(Call<?> call) {
    call.admitted = true;
    wheel.add(call);
    startTicking();
    call.dispatch(this);
  }

  /** Dispatches a call again after a while. */
  void later(Call<?> call, long nanos) {
    schedule(
        () -> {
          if (!call.finished) {
            call.dispatch(this);
          }
        },
        nanos);
  }

  void schedule(Runnable task, long nanos) {
    if (loop.isShuttingDown()) {
      return;
    }
    if (nanos <= 0) {
      loop.execute(task);
    } else {
      var unused = loop.schedule(task, nanos, TimeUnit.NANOSECONDS);
    }
  }

  // ---- on the loop: what comes back

  /** A node has answered a call. */
  void reply(Call<?> call, NodeLink from, Envelope envelope) {
    call.link = null;
    call.sent = false;
    if (!envelope.hasError()) {
      call.answered(this, envelope, from);
      return;
    }
    ErrorReply error = envelope.getError();
    if (call instanceof WriteCall<?> write
        && error.getOutcome() != org.ferrisdb.client.wire.Outcome.NOT_APPLIED) {
      write.enterLimbo();
    }
    AttemptFailure.Step step =
        AttemptFailure.stepFor(error.getCode(), call.outcomeNow() == Outcome.UNKNOWN);
    if (step == AttemptFailure.Step.FAIL) {
      fail(call, Failures.fromError(call, from, error));
      return;
    }
    AttemptFailure failure = AttemptFailure.refused(from, step, error);
    call.lastProblem = failure.problem();
    call.throttled = Failures.isThrottle(error.getCode());
    call.refused = call.outcomeNow() == Outcome.NOT_APPLIED;
    call.attemptFailed(this, failure);
  }

  /** The connection that a call was sent over, or was to be sent over, is of no use. */
  void attemptLost(Call<?> call, NodeLink link, String problem) {
    if (call.finished) {
      return;
    }
    if (call.sent && call instanceof WriteCall<?> write) {
      write.enterLimbo();
    }
    call.link = null;
    call.sent = false;
    call.throttled = false;
    call.refused = false;
    String full = problem.startsWith(link.toString()) ? problem : link + ": " + problem;
    call.lastProblem = full;
    call.attemptFailed(this, AttemptFailure.lost(link, full));
  }

  <T> void succeed(Call<T> call, T value) {
    if (end(call)) {
      call.complete(value);
    }
  }

  void fail(Call<?> call, FerrisException failure) {
    if (end(call)) {
      call.completeExceptionally(failure);
    }
  }

  private boolean end(Call<?> call) {
    if (call.finished) {
      return false;
    }
    call.finished = true;
    wheel.remove(call);
    NodeLink at = call.link;
    if (at != null) {
      at.forget(call);
      call.link = null;
      call.sent = false;
    }
    call.released(this);
    if (call.counted) {
      if (call.admitted) {
        admission.ended(call);
      }
      admission.leave(call);
      startQueued();
    }
    return true;
  }

  void linkUp(NodeLink link, long oracleNow) {
    oracle.greeted(oracleNow);
    if (connector != null) {
      connector.linkUp(link);
    }
  }

  void linkDown(NodeLink link, String problem) {
    if (connector != null) {
      connector.linkDown(link, problem);
    }
  }

  void linkStalled() {
    router.requestMap();
  }

  // ---- on the loop: time passes

  private void startTicking() {
    if (!ticking && wheel.size() > 0 && !loop.isShuttingDown()) {
      ticking = true;
      var unused = loop.schedule(this::tick, DeadlineWheel.TICK_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void tick() {
    ticking = false;
    for (Call<?> call : wheel.expired(now())) {
      if (!call.finished) {
        fail(call, Failures.outOfTime(call));
      }
    }
    startTicking();
  }

  private void housekeep() {
    if (closed.get()) {
      return;
    }
    try {
      long now = now();
      long silence = options.nodeSilence().toNanos();
      links.housekeep(now, silence);
      router.housekeep(now);
    } finally {
      var unused = loop.schedule(this::housekeep, HOUSEKEEPING_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  // ---- the parts

  long now() {
    return System.nanoTime();
  }

  /** How long a request that the client makes for itself may take. */
  long internalTimeoutNanos() {
    return TimeUnit.SECONDS.toNanos(2);
  }

  FerrisOptions options() {
    return options;
  }

  Transport transport() {
    return transport;
  }

  Links links() {
    return links;
  }

  Router router() {
    return router;
  }

  Oracle oracle() {
    return oracle;
  }

  WriteLedger ledger() {
    return ledger;
  }

  /** Between tries to find a leader or any node. */
  Backoff searchBackoff() {
    return searchBackoff;
  }

  /** Between tries to connect to one address. */
  Backoff reconnectBackoff() {
    return reconnectBackoff;
  }

  /**
   * Dispatches a call again that was told to wait, or ends it if the time left is of no use: see
   * {@link RetryTiming}.
   */
  void laterIfUseful(ShardCall<?> call, AttemptFailure failure) {
    call.waits++;
    long asked = TimeUnit.MILLISECONDS.toNanos(Math.max(0, failure.retryAfterMillis()));
    long backoff = busyBackoff.nanosAfter(call.waits);
    if (!call.refused) {
      later(call, Math.max(asked, backoff));
      return;
    }
    long useful = call.usefulNanos(failure.node());
    long delay = RetryTiming.delayNanos(call.remainingNanos(now()), useful, asked, backoff);
    if (delay < 0) {
      fail(call, Failures.outOfTime(call));
    } else {
      later(call, delay);
    }
  }
}
