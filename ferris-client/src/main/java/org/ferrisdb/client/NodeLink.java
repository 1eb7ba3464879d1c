package org.ferrisdb.client;

import io.netty.channel.Channel;
import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.client.wire.HelloReply;
import org.ferrisdb.client.wire.MapRequest;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of one node: an address, at most one connection to it, and the calls whose
 * current attempt is there.
 *
 * <p>A link connects when it is first needed and again, after a pause that grows, when the
 * connection was lost. Calls sent while it connects wait here; if it does not come about they are
 * told.
 *
 * <p><b>A node that hangs</b> (stopped process, dead network without a reset) keeps its connection
 * open and says nothing. A node that owes an answer and has been silent for half of {@code
 * nodeSilence} is pinged, because the call itself may rightly take long; if it does not answer the
 * ping either within the other half, the link is *stalled*: its calls go elsewhere (exactly-once
 * writes make that safe), new ones are not sent here, until it says anything at all. A link that
 * stays stalled is closed.
 *
 * <p>Belongs to the event loop.
 */
final class NodeLink {
  private enum State {
    IDLE,
    CONNECTING,
    READY
  }

  private static final long IDLE_PING_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final int CLOSE_AFTER_SILENCES = 10;

  final String address;
  private final ClientCore core;

  private State state = State.IDLE;
  private @Nullable Channel channel;

  /** Counts connection attempts: what a former one still reports is not believed. */
  private int generation;

  private String nodeId = "";
  private String nodeName = "";
  private int maxFrameBytes;
  private int maxInFlight;

  private final LongObjectMap<Call<?>> pending = new LongObjectHashMap<>();
  private final ArrayDeque<Call<?>> waiting = new ArrayDeque<>();
  private long nextId = 1;

  private long connectingSince;
  private long lastReadNanos;

  /** Since when an answer is owed and nothing was heard; 0: none is owed. */
  private long owedSince;

  /** How long answers took of late. */
  private long roundTripNanos;

  private boolean pinged;
  private boolean stalled;
  private int failures;
  private long retryAtNanos;
  private String problem = "";

  NodeLink(String address, ClientCore core) {
    this.address = address;
    this.core = core;
    this.retryAtNanos = core.now();
  }

  boolean isReady() {
    return state == State.READY && !stalled;
  }

  boolean isStalled() {
    return stalled;
  }

  /**
   * Id of the node that answered the handshake of the present connection; empty if there is none.
   */
  String nodeId() {
    return nodeId;
  }

  /** How long this node's answers took of late, the longer ones above all; 0: there was none. */
  long roundTripNanos() {
    return roundTripNanos;
  }

  /** Whether a call sent now has a chance: connected, connecting, or allowed to try to. */
  boolean isUsable(long now) {
    return !stalled && (state != State.IDLE || retryAtNanos - now <= 0);
  }

  /** Sends a call, as soon as the connection is there. */
  void send(Call<?> call) {
    long now = core.now();
    call.link = this;
    call.sent = false;
    if (!isUsable(now)) {
      core.attemptLost(call, this, describeState());
      return;
    }
    if (state == State.READY && pending.size() < maxInFlight) {
      write(call, now);
      return;
    }
    waiting.add(call);
    connectIfAllowed(now);
  }

  /** The call's attempt here is given up; an answer that still comes is ignored. */
  void forget(Call<?> call) {
    if (call.sent) {
      pending.remove(call.requestId);
      sendWaiting();
    }
  }

  /** Starts to connect if there is no connection and the pause after the last failure is over. */
  void connectIfAllowed(long now) {
    if (state == State.IDLE && retryAtNanos - now <= 0) {
      state = State.CONNECTING;
      connectingSince = now;
      generation++;
      core.transport().connect(this, generation);
    }
  }

  private void write(Call<?> call, long now) {
    Channel open = channel;
    if (open == null) {
      throw new IllegalStateException("ready without a channel: " + this);
    }
    if (call.refused && call.remainingNanos(now) < call.usefulNanos(this)) {
      core.fail(call, Failures.outOfTime(call));
      return;
    }
    call.attempts++;
    long id = nextId++;
    Envelope.Builder builder =
        Envelope.newBuilder().setId(id).setDeadlineMillis(call.remainingMillis(now));
    call.fill(builder);
    Envelope request = builder.build();
    int length = request.getSerializedSize();
    if (length > maxFrameBytes) {
      call.attempts--;
      core.fail(call, Failures.tooLong(call, this, length, maxFrameBytes));
      return;
    }
    pending.put(id, call);
    call.requestId = id;
    call.sent = true;
    call.sentNanos = now;
    owe(now);
    var unused = open.write(request, open.voidPromise());
  }

  private void owe(long now) {
    if (owedSince == 0) {
      owedSince = now == 0 ? 1 : now;
      pinged = false;
    }
  }

  private void sendWaiting() {
    while (state == State.READY && pending.size() < maxInFlight) {
      Call<?> call = waiting.poll();
      if (call == null) {
        return;
      }
      // What has ended, or has gone elsewhere meanwhile, was left in the queue.
      if (!call.finished && call.link == this && !call.sent) {
        write(call, core.now());
      }
    }
  }

  // ---- what the transport reports

  /** The connection is up and the node has introduced itself. */
  void connected(int of, Channel newChannel, HelloReply hello, int frameLimit) {
    if (of != generation || state != State.CONNECTING) {
      var unused = newChannel.close();
      return;
    }
    long now = core.now();
    state = State.READY;
    channel = newChannel;
    nodeId = hello.getNodeId();
    nodeName = hello.getNodeName();
    maxFrameBytes =
        hello.getMaxFrameBytes() == 0 ? frameLimit : Math.min(frameLimit, hello.getMaxFrameBytes());
    maxInFlight = hello.getMaxInFlight() <= 0 ? Integer.MAX_VALUE : hello.getMaxInFlight();
    failures = 0;
    problem = "";
    lastReadNanos = now;
    owedSince = 0;
    core.linkUp(this, hello.getOracleNow());
    sendWaiting();
  }

  /** An answer. */
  void received(int of, Envelope reply) {
    if (of != generation || state != State.READY) {
      return;
    }
    long now = core.now();
    lastReadNanos = now;
    stalled = false;
    pinged = false;
    Call<?> call = pending.remove(reply.getId());
    owedSince = pending.isEmpty() ? 0 : now;
    if (call != null) {
      roundTripNanos = RetryTiming.observe(roundTripNanos, now - call.sentNanos);
      core.reply(call, this, reply);
      sendWaiting();
    }
  }

  /** The connection is gone, or did not come about. */
  void disconnected(int of, String why) {
    if (of != generation || state == State.IDLE) {
      return;
    }
    state = State.IDLE;
    channel = null;
    nodeId = "";
    stalled = false;
    owedSince = 0;
    problem = why;
    failures++;
    retryAtNanos = core.now() + core.reconnectBackoff().nanosAfter(failures);
    core.linkDown(this, why);
    giveUp(why);
  }

  private void giveUp(String why) {
    List<Call<?>> lost = new ArrayList<>(pending.values());
    for (Call<?> call : waiting) {
      if (!call.finished && call.link == this && !call.sent) {
        lost.add(call);
      }
    }
    pending.clear();
    waiting.clear();
    for (Call<?> call : lost) {
      if (!call.finished && call.link == this) {
        core.attemptLost(call, this, why);
      }
    }
  }

  // ---- time passes

  /** Called every tenth of a second or so. */
  void housekeep(long now, long silenceNanos) {
    if (state == State.CONNECTING && now - connectingSince > core.handshakeNanos()) {
      core.transport().abandon(this, generation, "no answer to the handshake");
      return;
    }
    if (state != State.READY) {
      return;
    }
    if (owedSince == 0) {
      if (now - lastReadNanos > IDLE_PING_NANOS) {
        ping(now);
      }
      return;
    }
    long silent = now - owedSince;
    if (silent > silenceNanos * CLOSE_AFTER_SILENCES) {
      close("silent for " + Failures.duration(silent));
    } else if (silent > silenceNanos && pinged && !stalled) {
      stalled = true;
      giveUp("silent for " + Failures.duration(silent));
      core.linkStalled();
    } else if (silent > silenceNanos / 2 && !pinged) {
      ping(now);
    }
  }

  private void ping(long now) {
    Channel open = channel;
    if (open != null) {
      owe(now);
      pinged = true;
      // Nothing is newer than this version, so the answer is short; nobody waits for it, it is just
      // heard.
      Envelope ping =
          Envelope.newBuilder()
              .setId(nextId++)
              .setDeadlineMillis(1000)
              .setMap(MapRequest.newBuilder().setKnownVersion(Long.MAX_VALUE))
              .build();
      var unused = open.write(ping, open.voidPromise());
    }
  }

  /** Ends the connection. */
  void close(String why) {
    Channel open = channel;
    int of = generation;
    disconnected(of, why);
    if (open != null) {
      var unused = open.close();
    }
  }

  String describeState() {
    if (stalled) {
      return this + " does not answer";
    }
    if (state == State.CONNECTING) {
      return this + " did not accept the connection yet";
    }
    if (state == State.READY) {
      return this + " has as many requests under way as it takes";
    }
    return problem.isEmpty() ? this + " is not connected" : this + ": " + problem;
  }

  String problem() {
    return problem;
  }

  @Override
  public String toString() {
    return nodeName.isEmpty() ? address : nodeName + " (" + address + ")";
  }
}
