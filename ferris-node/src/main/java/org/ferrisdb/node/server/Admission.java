package org.ferrisdb.node.server;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The node-wide limits of the front door: connections, and bytes of requests and answers.
 * Thread-safe.
 */
public final class Admission {
  private final int maxConnections;
  private final long maxBytes;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong buffered = new AtomicLong();
  private final AtomicLong refusedRequests = new AtomicLong();
  private final AtomicLong refusedConnections = new AtomicLong();

  /**
   * @param maxConnections connections at a time
   * @param maxBytes of unanswered requests and unsent answers
   */
  public Admission(int maxConnections, long maxBytes) {
    this.maxConnections = maxConnections;
    this.maxBytes = maxBytes;
  }

  boolean enter() {
    if (connections.incrementAndGet() > maxConnections) {
      connections.decrementAndGet();
      refusedConnections.incrementAndGet();
      return false;
    }
    return true;
  }

  void leave() {
    connections.decrementAndGet();
  }

  /** Takes the bytes if they fit. */
  boolean reserve(long amount) {
    if (bytes.addAndGet(amount) > maxBytes) {
      bytes.addAndGet(-amount);
      refusedRequests.incrementAndGet();
      return false;
    }
    return true;
  }

  /**
   * Takes the bytes of an answer that can be asked for again, if they fit, or if not even half of
   * the limit is in use: an answer longer than all that would else never be given.
   */
  boolean reserveAnswer(long amount) {
    long before = bytes.getAndAdd(amount);
    if (before + amount > maxBytes && before > maxBytes / 2) {
      bytes.addAndGet(-amount);
      refusedRequests.incrementAndGet();
      return false;
    }
    return true;
  }

  /** Takes the bytes even where they do not fit: an answer that must be given. */
  void take(long amount) {
    bytes.addAndGet(amount);
  }

  void release(long amount) {
    bytes.addAndGet(-amount);
  }

  /** Adds to what unfinished frames hold, if it fits; less than nothing always does. */
  boolean buffer(int amount) {
    if (buffered.addAndGet(amount) > maxBytes && amount > 0) {
      buffered.addAndGet(-amount);
      return false;
    }
    return true;
  }

  /** Bytes of unfinished frames held now. */
  public long bufferedBytes() {
    return buffered.get();
  }

  /** Open connections. */
  public int connections() {
    return connections.get();
  }

  /** Bytes held now. */
  public long bytes() {
    return bytes.get();
  }

  /** The limit of {@link #bytes}. */
  public long maxBytes() {
    return maxBytes;
  }

  /** The limit of {@link #connections}. */
  public int maxConnections() {
    return maxConnections;
  }

  /** Requests refused since start. */
  public long refusedRequests() {
    return refusedRequests.get();
  }

  /** Connections refused since start. */
  public long refusedConnections() {
    return refusedConnections.get();
  }
}
