package org.ferrisdb.node.cluster;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.client.wire.Hello;
import org.ferrisdb.client.wire.HelloReply;
import org.ferrisdb.node.config.HostPort;
import org.ferrisdb.node.server.EventLoops;
import org.ferrisdb.raft.NodeId;

/**
 * This node's connections to others' front doors, one for each address, made when needed. Whoever
 * answers must belong to this node's cluster and be the expected node. Thread-safe; nothing blocks.
 */
public final class PeerClient implements AutoCloseable {
  private final EventLoops loops;
  private final Supplier<Hello> hello;
  private final ConcurrentHashMap<HostPort, PeerConnection> connections = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /**
   * @param loops where connections live
   * @param hello who this node is now
   */
  public PeerClient(EventLoops loops, Supplier<Hello> hello) {
    this.loops = loops;
    this.hello = hello;
  }

  /**
   * Sends a request over the shared connection. The future fails with {@link PeerException} only,
   * at the latest after the timeout (and, for a new connection, the time to connect).
   */
  public CompletableFuture<Envelope> call(
      HostPort address, Optional<NodeId> expected, Envelope.Builder request, Duration timeout) {
    return connection(address, expected).call(request, timeout);
  }

  /** Who listens there now. */
  public CompletableFuture<HelloReply> greet(HostPort address) {
    return connection(address, Optional.empty()).greeted();
  }

  /** A connection of one's own, for bulk data; the caller closes it. */
  PeerConnection dedicated(HostPort address, Optional<NodeId> expected) {
    return new PeerConnection(loops, address, hello.get(), expected);
  }

  /** Drops the connection, so that the next call greets anew. */
  public void forget(HostPort address) {
    PeerConnection old = connections.remove(address);
    if (old != null) {
      old.close();
    }
  }

  private PeerConnection connection(HostPort address, Optional<NodeId> expected) {
    PeerConnection found = connections.get(address);
    if (found != null && !found.isClosed() && is(found, expected)) {
      return found;
    }
    PeerConnection made =
        connections.compute(
            address,
            (a, old) -> {
              if (old != null && !old.isClosed()) {
                if (is(old, expected)) {
                  return old;
                }
                old.close();
              }
              return new PeerConnection(loops, a, hello.get(), expected);
            });
    if (closed) {
      made.close();
    }
    return made;
  }

  private static boolean is(PeerConnection connection, Optional<NodeId> expected) {
    return expected.isEmpty()
        || !connection.greeted().isDone()
        || (!connection.greeted().isCompletedExceptionally()
            && connection.greeted().join().getNodeId().equals(expected.get().value()));
  }

  @Override
  public void close() {
    closed = true;
    connections.values().forEach(PeerConnection::close);
    connections.clear();
  }
}
