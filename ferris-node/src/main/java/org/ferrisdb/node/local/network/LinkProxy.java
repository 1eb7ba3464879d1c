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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

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

  private static final int CONNECT_MILLIS = 2_000;

  private final ServerSocket listener;
  private final String node;
  private final int targetPort;
  private final IntFunction<String> callers;
  private final LinkRules rules;
  private final List<Link> links = new CopyOnWriteArrayList<>();

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
   * @param callers from the local port of a caller's socket to its name, or {@link #STRANGER}
   * @param rules what may pass
   */
  LinkProxy(String node, int targetPort, IntFunction<String> callers, LinkRules rules) {
    try {
      this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.node = node;
    this.targetPort = targetPort;
    this.callers = callers;
    this.rules = rules;
    Thread.ofVirtual().name("link-proxy-" + node).start(this::accept);
  }

  /** Where it listens. */
  int port() {
    return listener.getLocalPort();
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
      target.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), targetPort), CONNECT_MILLIS);
    } catch (IOException e) {
      closeQuietly(target);
      closeQuietly(caller);
      return;
    }
    String name = callers.apply(caller.getPort());
    Link link = new Link(caller, target, name);
    links.add(link);
    if (listener.isClosed()) {
      link.close(); // close() may have looked at the links before this one was there
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
