package org.ferrisdb.integration.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/**
 * A TCP proxy on 127.0.0.1 in front of one port of one node. Thread-safe; two virtual threads for
 * each connection.
 *
 * <p>A cut swallows bytes and keeps the connection, so neither end learns of it but by silence.
 * After a heal connections that were cut are closed: their streams have holes.
 */
public final class LinkProxy implements AutoCloseable {
  private final ServerSocket listener;
  private final int targetPort;
  private final Supplier<Collection<Long>> processes;
  private final Set<Long> cutRequestsOf = ConcurrentHashMap.newKeySet();
  private final Set<Long> cutRepliesTo = ConcurrentHashMap.newKeySet();
  private final List<Link> links = new CopyOnWriteArrayList<>();

  private static final class Link {
    final Socket caller;
    final Socket target;
    final long callerPid;
    volatile boolean holed;

    Link(Socket caller, Socket target, long callerPid) {
      this.caller = caller;
      this.target = target;
      this.callerPid = callerPid;
    }

    void close() {
      closeQuietly(caller);
      closeQuietly(target);
    }
  }

  /**
   * @param listenPort where callers connect; 0 picks a free one
   * @param targetPort where the node really listens
   * @param processes the process ids that may call, to tell callers apart
   */
  public LinkProxy(int listenPort, int targetPort, Supplier<Collection<Long>> processes) {
    try {
      this.listener = new ServerSocket();
      listener.setReuseAddress(true);
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), listenPort));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.targetPort = targetPort;
    this.processes = processes;
    Thread.ofVirtual().name("link-proxy-" + port()).start(this::accept);
  }

  /** Where it listens. */
  public int port() {
    return listener.getLocalPort();
  }

  /** Swallows what this process sends to the node behind this proxy. */
  public void cutRequestsOf(long pid) {
    cutRequestsOf.add(pid);
  }

  /** Swallows what the node behind this proxy answers to this process. */
  public void cutRepliesTo(long pid) {
    cutRepliesTo.add(pid);
  }

  /** Lets everything through again. */
  public void heal() {
    cutRequestsOf.clear();
    cutRepliesTo.clear();
    for (Link link : links) {
      if (link.holed) {
        link.close();
      }
    }
  }

  @Override
  public void close() {
    closeQuietly(listener);
    links.forEach(Link::close);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket caller = listener.accept();
        caller.setTcpNoDelay(true);
        Thread.ofVirtual().start(() -> connect(caller));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void connect(Socket caller) {
    Socket target = new Socket();
    try {
      target.setTcpNoDelay(true);
      target.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), targetPort), 2_000);
    } catch (IOException e) {
      closeQuietly(target);
      closeQuietly(caller);
      return;
    }
    OptionalLong pid = SocketOwner.among(processes.get(), caller.getPort());
    Link link = new Link(caller, target, pid.orElse(-1));
    links.add(link);
    Thread.ofVirtual().start(() -> pump(link, caller, target, cutRequestsOf));
    pump(link, target, caller, cutRepliesTo);
    links.remove(link);
  }

  private static void pump(Link link, Socket from, Socket to, Set<Long> cut) {
    byte[] buffer = new byte[64 << 10];
    try (InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        if (cut.contains(link.callerPid)) {
          link.holed = true;
        } else if (!link.holed) {
          out.write(buffer, 0, n);
        }
      }
    } catch (IOException e) {
      // one end went away: so does the other
    } finally {
      link.close();
    }
  }

  private static void closeQuietly(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception e) {
      // nothing is left to be done with it
    }
  }
}
