package org.ferrisdb.raft.ratis;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A peer's address, looked up anew for each connection: a container that comes back may have
 * another. The system's resolver can take many seconds, above all for the name of a container that
 * is gone; so names are looked up on a thread of their own, and whoever waits for it waits for a
 * bounded time. One lookup at a time; the next one to ask finds its result. Thread-safe.
 */
final class PeerAddress {
  /** How names are looked up; a test supplies its own. */
  interface Names {
    InetAddress lookUp(String host) throws UnknownHostException;
  }

  private final String host;
  private final int port;
  private final Names names;
  private @Nullable FutureTask<InetAddress> underWay;

  PeerAddress(String host, int port, Names names) {
    this.host = host;
    this.port = port;
    this.names = names;
  }

  /** The address to connect to, or a failure after the time at the latest. */
  InetSocketAddress resolve(Duration patience) throws IOException {
    try {
      return new InetSocketAddress(InetAddress.ofLiteral(host), port);
    } catch (IllegalArgumentException e) {
      return new InetSocketAddress(lookUp(patience), port);
    }
  }

  private InetAddress lookUp(Duration patience) throws IOException {
    FutureTask<InetAddress> task = task();
    try {
      InetAddress found = task.get(patience.toNanos(), TimeUnit.NANOSECONDS);
      forget(task);
      return found;
    } catch (ExecutionException e) {
      forget(task);
      throw new IOException("can not look up " + host + ": " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      throw new IOException(
          "no answer to the lookup of " + host + " within " + patience.toMillis() + " ms", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while " + host + " was looked up", e);
    }
  }

  private synchronized FutureTask<InetAddress> task() {
    FutureTask<InetAddress> task = underWay;
    if (task == null) {
      task = new FutureTask<>(() -> names.lookUp(host));
      underWay = task;
      Thread.ofPlatform().daemon().name("raft-lookup-" + host).start(task);
    }
    return task;
  }

  private synchronized void forget(FutureTask<InetAddress> done) {
    if (done.equals(underWay)) {
      underWay = null;
    }
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
