package org.ferrisdb.client;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.ferrisdb.client.wire.MapReply;

/**
 * First contact: connects to all addresses of the URI at once, and asks each node that answers for
 * the shard map, until one has it. An address that refuses is not tried again; when all have
 * refused there is nothing to wait for, and connecting fails at once. A node that is there but has
 * no map yet (it starts, or its cluster is being formed) is asked again until the time is up, and
 * one that is there but does not introduce itself (it has too much to do) is waited for as long.
 *
 * <p>Belongs to the event loop; the future is completed there.
 */
final class Connector {
  private static final long ASK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final ClientCore core;
  private final FerrisUri uri;
  private final long timeoutNanos;
  private final long startNanos;
  private final CompletableFuture<Boolean> connected = new CompletableFuture<>();

  /**
   * Why each address has not led to the cluster yet; refused ones start with a capital R in the
   * second map.
   */
  private final Map<String, String> problems = new LinkedHashMap<>();

  private final Map<String, Boolean> refused = new LinkedHashMap<>();

  Connector(ClientCore core, FerrisUri uri) {
    this.core = core;
    this.uri = uri;
    this.timeoutNanos = core.options().connectTimeout().toNanos();
    this.startNanos = core.now();
    for (String address : uri.addresses()) {
      problems.put(address, "no answer");
    }
  }

  /** Ends when the client has a map, or fails with {@link ConnectionFailedException}. */
  CompletableFuture<Boolean> future() {
    return connected;
  }

  void start() {
    core.schedule(() -> fail("within " + Failures.duration(timeoutNanos)), timeoutNanos);
    for (String address : uri.addresses()) {
      core.links().at(address).connectIfAllowed(core.now());
    }
  }

  void linkUp(NodeLink link) {
    if (!connected.isDone() && problems.containsKey(link.address)) {
      ask(link);
    }
  }

  void linkDown(NodeLink link, String problem) {
    if (connected.isDone() || !problems.containsKey(link.address)) {
      return;
    }
    problems.put(link.address, problem);
    refused.put(link.address, true);
    if (refused.size() == problems.size()) {
      fail("");
    }
  }

  private void ask(NodeLink link) {
    long left = Math.max(1, startNanos + timeoutNanos - core.now());
    problems.put(link.address, "connected, but gave no shard map");
    AnyCalls.FirstMapCall call = new AnyCalls.FirstMapCall(link, core.now(), left);
    var unused =
        call.whenComplete((reply, failure) -> {
          if (connected.isDone()) {
            return;
          }
          if (failure == null && reply.getShardsCount() > 0) {
            succeed(reply);
          } else {
            notYet(link, failure == null ? "belongs to no cluster yet" : call.refusal());
          }
        });
    core.submitInternal(call);
  }

  private void notYet(NodeLink link, @org.jspecify.annotations.Nullable String refusal) {
    if (refused.containsKey(link.address)) {
      return; // the connection is gone: linkDown has said why
    }
    if (refusal != null) {
      problems.put(link.address, refusal);
    }
    core.schedule(
        () -> {
          if (!connected.isDone() && link.isReady()) {
            ask(link);
          }
        },
        ASK_AGAIN_NANOS);
  }

  private void succeed(MapReply reply) {
    core.router().apply(reply);
    core.oracle().request();
    connected.complete(true);
  }

  private void fail(String when) {
    if (connected.isDone()) {
      return;
    }
    List<String> tried =
        problems.entrySet().stream().map(e -> e.getKey() + " " + e.getValue()).toList();
    connected.completeExceptionally(
        new ConnectionFailedException(
            "no cluster reached"
                + (when.isEmpty() ? "" : " " + when)
                + ": "
                + String.join("; ", tried),
            refused.size() == problems.size()
                ? "start one with ./ferris up, or check the addresses"
                : "a node that starts or has too much to do needs longer: try again, or with a"
                    + " longer time to connect",
            problems));
  }
}
