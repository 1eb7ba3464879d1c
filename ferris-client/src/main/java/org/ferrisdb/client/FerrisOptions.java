package org.ferrisdb.client;

import java.time.Duration;

/**
 * How a client behaves. Start from {@link #defaults()} and change what you need:
 *
 * <pre>{@code
 * Ferris.connect(uri, FerrisOptions.defaults().withDeadline(Duration.ofSeconds(2)));
 * }</pre>
 *
 * @param deadline every call ends within this time, with a result or a typed failure; 10 s; at most
 *     5 minutes
 * @param connectTimeout how long {@link Ferris#connect} tries to reach the cluster; 5 s
 * @param maxInFlight how many requests may be under way at once; 10,000. Further synchronous calls
 *     wait for a place, asynchronous ones wait in a queue of {@code maxQueued}
 * @param maxInFlightBytes how many bytes of keys and values may be under way, and again as many
 *     wait; 64 MiB
 * @param maxQueued how many asynchronous calls may wait for a place; the next one fails with {@link
 *     ThrottledException}; 100,000
 * @param pageSize how many entries a scan asks for at once; 1,000
 * @param pageBytes how many bytes a scan asks for at once; 1 MiB
 * @param nodeSilence a node that owes an answer and has said nothing for this long is taken for
 *     hanging: its calls are tried elsewhere; 1 s
 * @param name what the nodes' logs call this client, at most 100 characters
 * @param network which of the nodes' named addresses to use, where they are reached by others from
 *     outside (of a container network, say) than from inside: a name of the nodes' setting {@code
 *     client.networks}, or {@code default}. Empty, which is the default: the network that the
 *     address belongs to at which the client found the node, and what the URI says
 */
public record FerrisOptions(
    Duration deadline,
    Duration connectTimeout,
    int maxInFlight,
    long maxInFlightBytes,
    int maxQueued,
    int pageSize,
    int pageBytes,
    Duration nodeSilence,
    String name,
    String network) {
  static final Duration MAX_DEADLINE = Duration.ofMinutes(5);

  /** Rejects what makes no sense, naming it. */
  public FerrisOptions {
    check(
        deadline.compareTo(Duration.ofMillis(1)) >= 0 && deadline.compareTo(MAX_DEADLINE) <= 0,
        "deadline must be from 1 ms to 5 min, is " + deadline);
    check(
        connectTimeout.compareTo(Duration.ofMillis(1)) >= 0
            && connectTimeout.compareTo(MAX_DEADLINE) <= 0,
        "connectTimeout must be from 1 ms to 5 min, is " + connectTimeout);
    check(maxInFlight >= 1, "maxInFlight must be positive, is " + maxInFlight);
    check(maxInFlightBytes >= 1, "maxInFlightBytes must be positive, is " + maxInFlightBytes);
    check(maxQueued >= 0, "maxQueued must not be negative, is " + maxQueued);
    check(pageSize >= 1, "pageSize must be positive, is " + pageSize);
    check(
        pageBytes >= 1 && pageBytes <= 4 << 20,
        "pageBytes must be from 1 to 4 MiB, is " + pageBytes);
    check(
        nodeSilence.compareTo(Duration.ofMillis(20)) >= 0,
        "nodeSilence must be at least 20 ms, is " + nodeSilence);
    check(name.length() <= 100, "name must have at most 100 characters, has " + name.length());
    check(
        network.isEmpty() || FerrisUri.isNetworkName(network),
        "network must be 1 to 32 small letters, digits and dashes, is '" + network + "'");
  }

  private static void check(boolean holds, String message) {
    if (!holds) {
      throw new InvalidRequestException("client options: " + message, "see FerrisOptions");
    }
  }

  /** The defaults named above. */
  public static FerrisOptions defaults() {
    return new FerrisOptions(
        Duration.ofSeconds(10),
        Duration.ofSeconds(5),
        10_000,
        64L << 20,
        100_000,
        1_000,
        1 << 20,
        Duration.ofSeconds(1),
        "java",
        "");
  }

  /** The same with another {@code deadline}. */
  public FerrisOptions withDeadline(Duration newDeadline) {
    return new FerrisOptions(
        newDeadline,
        connectTimeout,
        maxInFlight,
        maxInFlightBytes,
        maxQueued,
        pageSize,
        pageBytes,
        nodeSilence,
        name,
        network);
  }

  /** The same with another {@code connectTimeout}. */
  public FerrisOptions withConnectTimeout(Duration newConnectTimeout) {
    return new FerrisOptions(
        deadline,
        newConnectTimeout,
        maxInFlight,
        maxInFlightBytes,
        maxQueued,
        pageSize,
        pageBytes,
        nodeSilence,
        name,
        network);
  }

  /** The same with other limits of what is under way at once. */
  public FerrisOptions withMaxInFlight(int requests, long bytes, int queued) {
    return new FerrisOptions(
        deadline,
        connectTimeout,
        requests,
        bytes,
        queued,
        pageSize,
        pageBytes,
        nodeSilence,
        name,
        network);
  }

  /** The same with other pages of scans. */
  public FerrisOptions withPage(int entries, int bytes) {
    return new FerrisOptions(
        deadline,
        connectTimeout,
        maxInFlight,
        maxInFlightBytes,
        maxQueued,
        entries,
        bytes,
        nodeSilence,
        name,
        network);
  }

  /** The same with another {@code nodeSilence}. */
  public FerrisOptions withNodeSilence(Duration newNodeSilence) {
    return new FerrisOptions(
        deadline,
        connectTimeout,
        maxInFlight,
        maxInFlightBytes,
        maxQueued,
        pageSize,
        pageBytes,
        newNodeSilence,
        name,
        network);
  }

  /** The same with another {@code name}. */
  public FerrisOptions withName(String newName) {
    return new FerrisOptions(
        deadline,
        connectTimeout,
        maxInFlight,
        maxInFlightBytes,
        maxQueued,
        pageSize,
        pageBytes,
        nodeSilence,
        newName,
        network);
  }

  /** The same with another {@code network}. */
  public FerrisOptions withNetwork(String newNetwork) {
    return new FerrisOptions(
        deadline,
        connectTimeout,
        maxInFlight,
        maxInFlightBytes,
        maxQueued,
        pageSize,
        pageBytes,
        nodeSilence,
        name,
        newNetwork);
  }
}
