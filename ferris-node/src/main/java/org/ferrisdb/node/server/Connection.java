package org.ferrisdb.node.server;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.client.wire.ErrorCode;
import org.ferrisdb.client.wire.ErrorReply;
import org.ferrisdb.client.wire.FrameViolation;
import org.ferrisdb.client.wire.Hello;
import org.ferrisdb.client.wire.HelloReply;
import org.ferrisdb.client.wire.Outcome;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.shard.RequestStages;
import org.jspecify.annotations.Nullable;

/**
 * One connection of the front door. All state belongs to its event loop; answers arrive through a
 * queue that the loop drains, as many as there are in one go.
 */
final class Connection extends SimpleChannelInboundHandler<Envelope> {
  static final int PROTOCOL_VERSION = 1;

  /** How often requests are looked through for passed deadlines; an answer is late by no more. */
  private static final long SWEEP_MILLIS = 20;

  /** A request that names no deadline gets the client's default. */
  private static final int DEFAULT_DEADLINE_MILLIS = 10_000;

  private static final int MAX_DEADLINE_MILLIS = 3_600_000;

  /** What an unanswered request costs besides its bytes. */
  private static final int REQUEST_OVERHEAD_BYTES = 256;

  /** A request under way, which carries the account of where its time goes. */
  private static final class Pending extends RequestStages {
    final Envelope request;
    final long startedNanos;
    final long deadlineNanos;
    final long bytes;

    Pending(Envelope request, long startedNanos, long deadlineNanos, long bytes) {
      super(startedNanos);
      this.request = request;
      this.startedNanos = startedNanos;
      this.deadlineNanos = deadlineNanos;
      this.bytes = bytes;
    }
  }

  private record Answer(
      Pending pending, Envelope.@Nullable Builder reply, @Nullable Throwable failure) {}

  private final FrontDoor.Setup setup;
  private final LongObjectHashMap<Pending> unanswered = new LongObjectHashMap<>();
  private final ConcurrentLinkedQueue<Answer> answers = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean drainDue = new AtomicBoolean();
  private final boolean admitted;
  private long unansweredBytes;
  private boolean closing;
  private @Nullable Peer peer;
  private @Nullable ScheduledFuture<?> sweep;

  Connection(FrontDoor.Setup setup, boolean admitted) {
    this.setup = setup;
    this.admitted = admitted;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    if (!admitted) {
      goodbye(
          ctx,
          0,
          ErrorCode.OVERLOADED,
          "limits.connections = " + setup.admission().maxConnections() + " are open already",
          "raise limits.connections, or share a connection");
      return;
    }
    var _ =
        ctx.executor()
            .schedule(
                () -> {
                  if (peer == null) {
                    malformed(ctx, "no hello");
                    close(ctx);
                  }
                },
                setup.helloTimeoutMillis(),
                TimeUnit.MILLISECONDS);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    closing = true;
    if (sweep != null) {
      sweep.cancel(false);
    }
    for (Pending pending : unanswered.values()) {
      setup.admission().release(pending.bytes);
    }
    unanswered.clear();
    answers.clear();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    if (event instanceof FrameViolation violation) {
      malformed(ctx, violation.reason());
    }
    super.userEventTriggered(ctx, event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // A reset by the peer, or a fault of ours: either way nothing more can be said on it.
    // Direct memory is what connections fill: this one gives its share back, and that is all.
    boolean direct =
        cause instanceof OutOfMemoryError && String.valueOf(cause.getMessage()).contains("direct");
    if (cause instanceof Error error && !direct) {
      setup.fatal().accept(error);
    }
    close(ctx);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    regulate(ctx);
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, Envelope request) {
    if (closing) {
      return;
    }
    if (peer == null) {
      hello(ctx, request);
      return;
    }
    if (request.getId() == 0 || unanswered.containsKey(request.getId())) {
      malformed(ctx, "request id " + request.getId() + " is 0 or in use");
      goodbye(
          ctx,
          request.getId(),
          ErrorCode.INVALID,
          "request id 0 or in use",
          "count the requests of a connection from 1");
      return;
    }
    accept(ctx, request, peer);
  }

  private void hello(ChannelHandlerContext ctx, Envelope request) {
    if (!request.hasHello()) {
      malformed(ctx, "first message is not hello");
      goodbye(ctx, request.getId(), ErrorCode.INVALID, "say hello first", "use a FerrisDB client");
      return;
    }
    Hello hello = request.getHello();
    if (hello.getProtocolVersion() != PROTOCOL_VERSION) {
      goodbye(
          ctx,
          request.getId(),
          ErrorCode.UNSUPPORTED,
          "protocol version " + hello.getProtocolVersion() + ", this node speaks 1",
          "use a client of this release");
      return;
    }
    String network;
    try {
      network = Networks.of(hello, setup.networks());
    } catch (RequestException e) {
      ErrorReply no = e.reply();
      goodbye(ctx, request.getId(), no.getCode(), no.getMessage(), no.getHint());
      return;
    }
    HelloReply reply = setup.greeting().get();
    if (!hello.getClusterId().isEmpty() && !hello.getClusterId().equals(reply.getClusterId())) {
      goodbye(
          ctx,
          request.getId(),
          ErrorCode.WRONG_CLUSTER,
          "this node belongs to "
              + (reply.getClusterId().isEmpty() ? "no cluster" : reply.getClusterId()),
          "check the addresses");
      return;
    }
    Optional<NodeId> node = Optional.empty();
    if (!hello.getNodeId().isEmpty()) {
      try {
        node = Optional.of(new NodeId(hello.getNodeId()));
      } catch (IllegalArgumentException e) {
        malformed(ctx, "bad node id in hello");
        goodbye(ctx, request.getId(), ErrorCode.INVALID, "bad node id", "");
        return;
      }
    }
    peer =
        new Peer(
            clean(hello.getPeerName()),
            node,
            String.valueOf(ctx.channel().remoteAddress()),
            network);
    var _ =
        ctx.write(
            Envelope.newBuilder()
                .setId(request.getId())
                .setHelloReply(
                    reply.toBuilder()
                        .setProtocolVersion(PROTOCOL_VERSION)
                        .setNetwork(network)
                        .setMaxFrameBytes(setup.maxFrameBytes())
                        .setMaxInFlight(setup.maxRequests()))
                .build());
    ctx.flush();
  }

  private void accept(ChannelHandlerContext ctx, Envelope request, Peer from) {
    long now = System.nanoTime();
    long bytes = (long) REQUEST_OVERHEAD_BYTES + request.getSerializedSize();
    int millis = request.getDeadlineMillis();
    if (millis <= 0) {
      millis = DEFAULT_DEADLINE_MILLIS;
    }
    long deadline = now + TimeUnit.MILLISECONDS.toNanos(Math.min(millis, MAX_DEADLINE_MILLIS));
    Pending pending = new Pending(request, now, deadline, bytes);
    if (!setup.admission().reserve(bytes)) {
      setup.listener().answered(request, ErrorCode.OVERLOADED, 0, pending);
      var _ = ctx.write(overloaded().setId(request.getId()).build());
      ctx.flush();
      return;
    }
    unanswered.put(request.getId(), pending);
    unansweredBytes += bytes;
    regulate(ctx);
    if (sweep == null) {
      sweep =
          ctx.executor()
              .scheduleAtFixedRate(
                  () -> sweep(ctx), SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    }
    CompletableFuture<Envelope.Builder> future;
    try {
      future = setup.handler().handle(request, from, pending);
    } catch (RuntimeException e) {
      future = CompletableFuture.failedFuture(e);
    }
    var _ =
        future.whenComplete((reply, failure) -> {
          if (failure instanceof Error error) {
            setup.fatal().accept(error);
          }
          answers.add(new Answer(pending, reply, failure));
          if (!drainDue.getAndSet(true)) {
            ctx.executor().execute(() -> drain(ctx));
          }
        });
  }

  private void drain(ChannelHandlerContext ctx) {
    drainDue.set(false);
    boolean wrote = false;
    for (Answer a = answers.poll(); a != null; a = answers.poll()) {
      Pending pending = a.pending();
      long id = pending.request.getId();
      if (closing || !isUnanswered(id, pending)) {
        continue; // its deadline has passed, or the connection has gone
      }
      Throwable failure = a.failure();
      Envelope.Builder reply = a.reply();
      ErrorCode error = null;
      if (failure != null || reply == null) {
        ErrorReply errorReply =
            ErrorReplies.of(
                failure != null ? failure : new IllegalStateException("no answer"),
                pending.request);
        error = errorReply.getCode();
        reply = Envelope.newBuilder().setError(errorReply);
      }
      answer(ctx, pending, reply, error);
      wrote = true;
    }
    if (wrote) {
      ctx.flush();
      regulate(ctx);
    }
  }

  /** By identity: the same id may have been used again by then. */
  @SuppressWarnings("ReferenceEquality")
  private boolean isUnanswered(long id, Pending pending) {
    return unanswered.get(id) == pending;
  }

  private void answer(
      ChannelHandlerContext ctx,
      Pending pending,
      Envelope.Builder reply,
      @Nullable ErrorCode error) {
    long id = pending.request.getId();
    unanswered.remove(id);
    unansweredBytes -= pending.bytes;
    setup.admission().release(pending.bytes);
    Envelope envelope = reply.setId(id).build();
    long size = envelope.getSerializedSize();
    ErrorCode code = error;
    if (code != null || !canBeAskedAgain(pending.request)) {
      setup.admission().take(size);
    } else if (!setup.admission().reserveAnswer(size)) {
      // Many small requests may ask for more than there is room for: known only now.
      code = ErrorCode.OVERLOADED;
      envelope = overloaded().setId(id).build();
      size = envelope.getSerializedSize();
      setup.admission().take(size);
    }
    long now = System.nanoTime();
    setup.listener().answered(pending.request, code, now - pending.startedNanos, pending);
    long taken = size;
    ctx.write(envelope)
        .addListener(written -> {
          setup.admission().release(taken);
          if (!written.isSuccess() && ctx.channel().isActive()) {
            // The one way to get here: an answer longer than a frame.
            Throwable why = written.cause();
            var _ =
                ctx.writeAndFlush(
                    Envelope.newBuilder()
                        .setId(id)
                        .setError(ErrorReplies.of(why, pending.request))
                        .build());
          }
        });
  }

  private static boolean canBeAskedAgain(Envelope request) {
    return request.hasGet() || request.hasScan();
  }

  private Envelope.Builder overloaded() {
    return Envelope.newBuilder()
        .setError(
            error(
                    ErrorCode.OVERLOADED,
                    Outcome.NOT_APPLIED,
                    "limits.node-bytes = " + setup.admission().maxBytes() + " are in use",
                    "try again later")
                .setRetryAfterMillis(50));
  }

  private void sweep(ChannelHandlerContext ctx) {
    if (unanswered.isEmpty()) {
      ScheduledFuture<?> task = sweep;
      if (task != null) {
        task.cancel(false);
        sweep = null;
      }
      return;
    }
    long now = System.nanoTime();
    List<Pending> late = new ArrayList<>();
    for (Pending pending : unanswered.values()) {
      if (now - pending.deadlineNanos >= 0) {
        late.add(pending);
      }
    }
    for (Pending pending : late) {
      ErrorReply.Builder reply =
          error(
              ErrorCode.DEADLINE,
              ErrorReplies.outcomeIfLost(pending.request),
              "no outcome by the deadline",
              "allow more time, or see the cluster's status");
      answer(ctx, pending, Envelope.newBuilder().setError(reply), ErrorCode.DEADLINE);
    }
    if (!late.isEmpty()) {
      ctx.flush();
      regulate(ctx);
    }
  }

  /** Reads from the socket only while there is room for what it may bring. */
  private void regulate(ChannelHandlerContext ctx) {
    boolean reading = ctx.channel().config().isAutoRead();
    boolean full =
        unanswered.size() >= setup.maxRequests()
            || unansweredBytes >= setup.maxBytes()
            || !ctx.channel().isWritable();
    boolean relaxed =
        unanswered.size() <= setup.maxRequests() / 2
            && unansweredBytes <= setup.maxBytes() / 2
            && ctx.channel().isWritable();
    if (reading && full) {
      ctx.channel().config().setAutoRead(false);
    } else if (!reading && relaxed) {
      ctx.channel().config().setAutoRead(true);
    }
  }

  private void goodbye(
      ChannelHandlerContext ctx, long id, ErrorCode code, String message, String hint) {
    closing = true;
    ctx.writeAndFlush(
            Envelope.newBuilder()
                .setId(id)
                .setError(error(code, Outcome.NOT_APPLIED, message, hint))
                .build())
        .addListener(done -> close(ctx));
  }

  private static ErrorReply.Builder error(
      ErrorCode code, Outcome outcome, String message, String hint) {
    return ErrorReply.newBuilder()
        .setCode(code)
        .setOutcome(outcome)
        .setMessage(message)
        .setHint(hint);
  }

  private static void close(ChannelHandlerContext ctx) {
    var _ = ctx.close();
  }

  private void malformed(ChannelHandlerContext ctx, String why) {
    setup.listener().malformed(String.valueOf(ctx.channel().remoteAddress()), why);
  }

  /** Printable and short: it goes into the log. */
  private static String clean(String name) {
    String printable = name.replaceAll("[^\\x20-\\x7e]", "?");
    return printable.length() > 100 ? printable.substring(0, 100) : printable;
  }
}
