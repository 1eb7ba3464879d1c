package org.ferrisdb.node.local.network;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A TCP proxy on a free port of 127.0.0.1, in front of one port of one node. Thread-safe; two
 * virtual threads for each connection, four for one that is slow.
 *
 * <p>What the rules cut is swallowed and the connection stays, so neither end learns of it but by
 * silence. Its stream has a hole then: nothing more gets through in that direction, even if the
 * rules would allow it again, and {@link #closeHoled} ends it.
 */
final class LinkProxy implements AutoCloseable {
  /** A caller that nobody knows. */
  static final String STRANGER = "";

  /** Tells who has made a connection. */
  @FunctionalInterface
  interface Callers {
    /**
     * The name of who has the calling end open, or {@link #STRANGER}.
     *
     * @param callerPort of the calling end
     * @param proxyPort of the proxy's end
     */
    String at(int callerPort, int proxyPort);
  }

  private static final int CONNECT_MILLIS = 2_000;

  /** Before a door can be opened again that somebody else has put a foot in. */
  private static final int OPEN_TRIES = 50;

  private static final long OPEN_PAUSE_NANOS = 20_000_000;

  private final int port;
  private final String node;
  private final int targetPort;
  private final Callers callers;
  private final LinkRules rules;
  private final List<Link> links = new CopyOnWriteArrayList<>();

  /** Guarded by this, as are the three below. */
  private ServerSocket listener;

  private CompletableFuture<Void> acceptor;

  /** Keeps the port while callers are refused; bound, and does not listen. */
  private @Nullable Socket placeholder;

  private boolean closed;

  private static final class Link implements LinkPump.Ends {
    final Socket caller;
    final Socket target;
    final String name;
    volatile boolean holed;

    Link(Socket caller, Socket target, String name) {
      this.caller = caller;
      this.target = target;
      this.name = name;
    }

    @Override
    public void holed() {
      holed = true;
    }

    @Override
    public void close() {
      closeQuietly(caller);
      closeQuietly(target);
    }

    @Override
    public void reset() {
      for (Socket socket : List.of(caller, target)) {
        try {
          socket.setSoLinger(true, 0); // makes close() send a reset
        } catch (SocketException e) {
          // closed already
        }
      }
      close();
    }
  }

  /**
   * Listens at once.
   *
   * @param node the name of the node behind this proxy
   * @param targetPort where it really listens
   * @param callers who has made a connection
   * @param rules what may pass
   */
  LinkProxy(String node, int targetPort, Callers callers, LinkRules rules) {
    try {
      this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.port = listener.getLocalPort();
    this.node = node;
    this.targetPort = targetPort;
    this.callers = callers;
    this.rules = rules;
    this.acceptor = acceptFrom(listener);
  }

  private CompletableFuture<Void> acceptFrom(ServerSocket open) {
    return CompletableFuture.runAsync(
        () -> accept(open), Thread.ofVirtual().name("link-proxy-" + node)::start);
  }

  /**
   * Stops listening. Closing a socket on which a virtual thread waits only wakes that thread; the
   * port listens, and the system lets callers in, until the thread has come by. So it is waited
   * for: it holds no lock and does nothing else then.
   */
  private void stopListening() {
    closeQuietly(listener);
    acceptor.join();
  }

  /** Where it listens. */
  int port() {
    return port;
  }

  /**
   * Breaks all connections and refuses new ones, until {@link #admit}: as if nobody were there, or
   * a firewall that rejects. The node itself notices nothing.
   */
  synchronized void refuse() {
    if (closed || placeholder != null) {
      return;
    }
    stopListening();
    links.forEach(Link::reset);
    Socket socket = new Socket();
    try {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    } catch (IOException e) {
      // Somebody who connects has been given this port; he does not answer either.
    }
    placeholder = socket;
  }

  /** Lets callers in again. */
  synchronized void admit() {
    Socket kept = placeholder;
    if (closed || kept == null) {
      return;
    }
    closeQuietly(kept);
    placeholder = null;
    for (int i = 1; ; i++) {
      try {
        listener = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
        acceptor = acceptFrom(listener);
        return;
      } catch (IOException e) {
        if (i == OPEN_TRIES) {
          throw new UncheckedIOException("port " + port + " can not be opened again", e);
        }
        LockSupport.parkNanos(OPEN_PAUSE_NANOS);
      }
    }
  }

  /** Ends the connections that lost something. */
  void closeHoled() {
    for (Link link : links) {
      if (link.holed) {
        link.close();
      }
    }
  }

  /**
   * Breaks the connections of some callers.
   *
   * @param whose by the caller's name
   * @return how many those were
   */
  int reset(Predicate<String> whose) {
    List<Link> chosen = links.stream().filter(l -> whose.test(l.name)).toList();
    chosen.forEach(Link::reset);
    return chosen.size();
  }

  @Override
  public synchronized void close() {
    closed = true;
    stopListening();
    if (placeholder != null) {
      closeQuietly(placeholder);
    }
    links.forEach(Link::close);
  }

  private synchronized boolean isOpen() {
    return !closed && placeholder == null;
  }

  private void accept(ServerSocket open) {
    while (!open.isClosed()) {
      try {
        Socket caller = open.accept();
        Thread.ofVirtual().start(() -> connect(caller));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void connect(Socket caller) {
    Socket target = new Socket();
    try {
      caller.setTcpNoDelay(true); // fails on some systems if he has gone again
      target.setTcpNoDelay(true);
      target.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), targetPort), CONNECT_MILLIS);
    } catch (IOException e) {
      closeQuietly(target);
      closeQuietly(caller);
      return;
    }
    String name = callers.at(caller.getPort(), port);
    Link link = new Link(caller, target, name);
    links.add(link);
    if (!isOpen()) {
      link.close(); // who closed all links may have looked before this one was there
    }
    Thread.ofVirtual().start(() -> pump(link, caller, target, name, node));
    pump(link, target, caller, node, name);
    links.remove(link);
  }

  private void pump(Link link, Socket from, Socket to, String sender, String receiver) {
    RandomGenerator random = new SplittableRandom();
    try {
      new LinkPump(
              from.getInputStream(),
              to.getOutputStream(),
              () -> rules.of(sender, receiver),
              random,
              link)
          .run();
    } catch (IOException e) {
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
