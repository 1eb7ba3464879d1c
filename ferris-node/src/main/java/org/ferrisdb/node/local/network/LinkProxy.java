package org.ferrisdb.node.local.network;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntFunction;

/**
 * A TCP proxy on a free port of 127.0.0.1, in front of one port of one node. Thread-safe; two
 * virtual threads for each connection.
 *
 * <p>What the rules forbid is swallowed and the connection stays, so neither end learns of it but
 * by silence. Its stream has a hole then: nothing more gets through in that direction, even if the
 * rules would allow it again, and {@link #closeHoled} ends it.
 */
final class LinkProxy implements AutoCloseable {
  /** A caller that nobody knows. */
  static final String STRANGER = "";

  private static final int CONNECT_MILLIS = 2_000;
  private static final int BUFFER_BYTES = 64 << 10;

  private final ServerSocket listener;
  private final String node;
  private final int targetPort;
  private final IntFunction<String> callers;
  private final LinkRules rules;
  private final List<Link> links = new CopyOnWriteArrayList<>();

  private static final class Link {
    final Socket caller;
    final Socket target;
    volatile boolean holed;

    Link(Socket caller, Socket target) {
      this.caller = caller;
      this.target = target;
    }

    void close() {
      closeQuietly(caller);
      closeQuietly(target);
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
    Link link = new Link(caller, target);
    links.add(link);
    if (listener.isClosed()) {
      link.close(); // close() may have looked at the links before this one was there
    }
    Thread.ofVirtual().start(() -> pump(link, caller, target, name, node));
    pump(link, target, caller, node, name);
    links.remove(link);
  }

  private void pump(Link link, Socket from, Socket to, String sender, String receiver) {
    byte[] buffer = new byte[BUFFER_BYTES];
    boolean holed = false;
    try (InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        holed |= !rules.passes(sender, receiver);
        if (holed) {
          link.holed = true;
        } else {
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
