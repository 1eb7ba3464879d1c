package org.ferrisdb.node.console;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.zip.GZIPOutputStream;
import org.ferrisdb.client.wire.Envelope;
import org.ferrisdb.node.cluster.AdminCommands;
import org.ferrisdb.node.cluster.NodeMap;
import org.ferrisdb.node.cluster.PeerClient;
import org.ferrisdb.node.config.HostPort;
import org.ferrisdb.node.health.ClusterProbe;
import org.ferrisdb.node.health.NodeAnswer;
import org.ferrisdb.node.observe.NodeView;
import org.ferrisdb.shard.map.NodeRecord;

/**
 * Gathers what the console shows, when somebody looks and not more often than {@link #STALE}: who
 * comes earlier gets what the last one got, who comes meanwhile waits for the same. Thread-safe.
 */
public final class ConsoleService {
  /** How often a page asks. */
  static final long POLL_MILLIS = 2_000;

  /** A little less than pages wait, so that a page alone finds the answer stale each time. */
  static final Duration STALE = Duration.ofMillis(POLL_MILLIS - 100);

  /** How long a node may take to answer; a page waits a second at most for nodes that hang. */
  private static final Duration PATIENCE = Duration.ofMillis(800);

  /**
   * An answer.
   *
   * @param plain JSON, UTF-8
   * @param gzip the same, compressed
   */
  public record Answer(byte[] plain, byte[] gzip) {}

  private final NodeView node;
  private final NodeActivity own;
  private final PeerClient peers;
  private final LongSupplier nanoTime;
  private final LongSupplier wallMillis;
  private final ClusterProbe probe = new ClusterProbe(PATIENCE);
  private final ClusterActivity activity = new ClusterActivity();
  private final SharedAnswer<Answer> answer;

  /**
   * Gathers nothing yet.
   *
   * @param node the node that answers
   * @param own its activity
   * @param peers connections to the others
   * @param nanoTime for staleness
   * @param wallMillis for what is shown
   */
  public ConsoleService(
      NodeView node,
      NodeActivity own,
      PeerClient peers,
      LongSupplier nanoTime,
      LongSupplier wallMillis) {
    this.node = node;
    this.own = own;
    this.peers = peers;
    this.nanoTime = nanoTime;
    this.wallMillis = wallMillis;
    this.answer = new SharedAnswer<>(this::make, STALE, nanoTime);
  }

  /** The cluster now, or a moment ago. Blocks for about a second if a node hangs. */
  public Answer answer() {
    return answer.get();
  }

  private Answer make() {
    byte[] plain = (ConsoleBuilder.json(gather()) + "\n").getBytes(StandardCharsets.UTF_8);
    return new Answer(plain, gzip(plain));
  }

  private ConsoleData gather() {
    Map<String, CompletableFuture<Envelope>> asked = new LinkedHashMap<>();
    Set<String> addresses = new LinkedHashSet<>();
    String self = node.self().id().value();
    for (NodeRecord peer : node.nodeMap().map(NodeMap::members).orElse(List.of())) {
      String id = peer.id().value();
      addresses.add(peer.clientAddress());
      if (!id.equals(self)) {
        asked.put(id, ask(peer, activity.cursor(id)));
      }
    }
    if (addresses.isEmpty()) {
      addresses.add(node.self().clientAddress());
      node.config().seeds().forEach(s -> addresses.add(s.toString()));
    }
    List<NodeAnswer> answers = probe.ask(addresses);
    activity.add(self, own.since(activity.cursor(self)));
    long until = nanoTime.getAsLong() + PATIENCE.toNanos();
    asked.forEach((id, reply) -> await(reply, until).ifPresent(report -> activity.add(id, report)));
    return ConsoleBuilder.build(
        node.self().name(), answers, activity, wallMillis.getAsLong(), POLL_MILLIS);
  }

  private CompletableFuture<Envelope> ask(NodeRecord peer, ActivityCursor cursor) {
    return peers.call(
        HostPort.parse(peer.clientAddress()),
        Optional.of(peer.id()),
        AdminCommands.request(AdminCommands.ACTIVITY, cursor.encode()),
        PATIENCE);
  }

  private Optional<ActivityReport> await(CompletableFuture<Envelope> reply, long until) {
    try {
      Envelope envelope =
          reply.get(Math.max(0, until - nanoTime.getAsLong()), TimeUnit.NANOSECONDS);
      return ActivityReport.decode(envelope.getAdminReply().getPayload());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } catch (ExecutionException | TimeoutException e) {
      // It is down, hangs, or knows no such command: health tells the first two.
      return Optional.empty();
    }
  }

  private static byte[] gzip(byte[] plain) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(plain.length / 4 + 64);
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
