package org.ferrisdb.node.cluster;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.ferrisdb.node.config.HostPort;
import org.ferrisdb.raft.GroupStatus;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftGroup;
import org.ferrisdb.raft.RaftMember;
import org.ferrisdb.raft.RaftNode;
import org.ferrisdb.raft.RaftOptions;
import org.ferrisdb.raft.RaftTransport;
import org.ferrisdb.shard.map.NodeRecord;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.storage.io.FileSystem;
import org.jspecify.annotations.Nullable;

/**
 * Everything a node runs once it knows its cluster: Raft, replicas, duties. Made and started once;
 * thread-safe.
 */
public final class ClusterRuntime implements AutoCloseable {
  private static final Duration CHECKPOINT_LEASE = Duration.ofSeconds(60);
  private static final Duration FLUSH_TIMEOUT = Duration.ofSeconds(10);

  /**
   * What it needs.
   *
   * @param self this node
   * @param membership what its disk says; belongs to a cluster
   * @param dataDir where everything is
   * @param files file access
   * @param raft how it takes part in groups
   * @param transport how its Raft port talks
   * @param nodeMap the shard map
   * @param host this node's replicas
   * @param meta the way to the leader of meta
   * @param peers connections to other nodes
   * @param seeds asked for a map when none is known
   * @param disk whether there is room
   * @param workers platform threads for files
   * @param makers platform threads that make checkpoints
   */
  public record Parts(
      NodeRecord self,
      Membership membership,
      Path dataDir,
      FileSystem files,
      RaftOptions raft,
      RaftTransport transport,
      NodeMap nodeMap,
      ShardHost host,
      MetaClient meta,
      PeerClient peers,
      List<HostPort> seeds,
      DiskGuard disk,
      Executor workers,
      Executor makers) {}

  private final Parts parts;
  private final CheckpointServer checkpoints;
  private final PeerCheckpointFetcher fetcher;
  private final PeerMonitor monitor;
  private final Housekeeping housekeeping;
  private @Nullable RaftNode raft;

  /** Prepares; nothing runs yet. */
  public ClusterRuntime(Parts parts) throws IOException {
    this.parts = parts;
    this.checkpoints =
        new CheckpointServer(
            parts.files(),
            parts.dataDir().resolve("checkpoints"),
            CHECKPOINT_LEASE,
            System::nanoTime,
            parts.makers(),
            parts.workers());
    this.fetcher =
        new PeerCheckpointFetcher(
            parts.peers(), parts.files(), id -> parts.nodeMap().clientAddress(id));
    Path rebuild = parts.dataDir().resolve("rebuild");
    Directories.deleteTree(parts.files(), rebuild);
    this.monitor = new PeerMonitor(parts.nodeMap(), parts.peers(), parts.self().id());
    this.housekeeping =
        new Housekeeping(
            parts.disk(),
            new Healer(parts.host(), parts.disk(), parts.workers()),
            new RepairDriver(
                parts.self().id(),
                parts.host(),
                parts.nodeMap(),
                parts.meta(),
                fetcher,
                parts.disk(),
                rebuild,
                parts.workers()),
            new StrayCollector(
                parts.self().id(), parts.host(), parts.nodeMap(), parts.peers(), parts.workers()),
            new Registrar(
                parts.self(),
                parts.membership().plan(),
                parts.host(),
                parts.nodeMap(),
                parts.meta(),
                monitor,
                otherSeeds(parts)),
            monitor,
            new ReplacementDriver(
                parts.host(),
                parts.nodeMap(),
                parts.meta(),
                parts.peers(),
                monitor::reachable,
                parts.workers()),
            new LeaderDriver(
                parts.host(),
                parts.nodeMap(),
                parts.peers(),
                parts.self().id(),
                this::mayLead,
                this::broken),
            checkpoints,
            parts.host());
  }

  private static List<HostPort> otherSeeds(Parts parts) {
    HostPort own = HostPort.parse(parts.self().clientAddress());
    return parts.seeds().stream().filter(s -> !s.equals(own)).toList();
  }

  private boolean mayLead(NodeId node) {
    return node.equals(parts.self().id()) ? parts.disk().mayLead() : monitor.mayLead(node);
  }

  private boolean broken(NodeId node, ShardId shard) {
    return node.equals(parts.self().id())
        ? parts.host().isBroken(shard, parts.self().id())
        : monitor.broken(node, shard);
  }

  /**
   * Opens every replica this node had, makes those of a new cluster, and begins with the duties.
   */
  public void start(ScheduledExecutorService thread) throws IOException {
    HostPort address = HostPort.parse(parts.self().raftAddress());
    RaftMember member = new RaftMember(parts.self().id(), address.host(), address.port());
    RaftNode node =
        RaftNode.start(
            member,
            parts.dataDir().resolve("raft"),
            parts.raft(),
            parts.transport(),
            parts.host()::stateMachine,
            fetcher);
    raft = node;
    parts.host().attach(node);
    parts.host().finishRemovals();
    Optional<ClusterPlan> plan = parts.membership().plan();
    if (plan.isPresent() && !parts.membership().created()) {
      parts.host().create(plan.get(), parts.self().id());
      parts.membership().setCreated();
    }
    for (ShardId lost : parts.host().lost()) {
      Logs.CLUSTER
          .atError()
          .addKeyValue("shard", lost)
          .log("this replica is lost here; it is rebuilt from its peers");
    }
    housekeeping.start(thread);
  }

  /** For other nodes. */
  public CheckpointServer checkpoints() {
    return checkpoints;
  }

  /** Who answers. */
  public PeerMonitor monitor() {
    return monitor;
  }

  /** Duties. */
  public Housekeeping housekeeping() {
    return housekeeping;
  }

  /** Why this node does not serve all it should; empty if it does. */
  public String notReady() {
    if (parts.nodeMap().map().shards().isEmpty()) {
      return "the shard map is not known yet";
    }
    String refusal = housekeeping.registrationRefusal();
    if (parts.nodeMap().map().node(parts.self().id()).isEmpty()) {
      return "not registered yet" + (refusal.isEmpty() ? "" : ": " + refusal);
    }
    for (ShardId shard : parts.host().hosted()) {
      RaftGroup group = parts.host().group(shard);
      if (group == null) {
        return shard + " is being opened";
      }
      GroupStatus status = group.status();
      if (status.role() == GroupStatus.Role.FAILED) {
        return shard + " has failed on this node";
      }
      if (status.leader() == null) {
        return shard + " has no leader";
      }
    }
    return "";
  }

  /** Gives all leaderships away, in at most so long. */
  public void handOver(Duration timeout) throws InterruptedException {
    Handover.run(parts.host(), monitor::mayLead, timeout);
  }

  /** Makes what has been applied durable in the engines, so that the next start replays little. */
  public void flush() throws InterruptedException {
    CompletableFuture<?>[] flushes =
        parts.host().hosted().stream()
            .map(parts.host()::group)
            .filter(g -> g != null && ShardHost.isAlive(g.status()))
            .map(RaftGroup::compactLog)
            .toArray(CompletableFuture[]::new);
    try {
      CompletableFuture.allOf(flushes).get(FLUSH_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // The logs have it all; the next start takes longer.
      Logs.CLUSTER.info("not everything was flushed: {}", String.valueOf(e.getMessage()));
    }
  }

  /** Closes the replicas; the executor given to {@link #start} must have been shut down. */
  @Override
  public void close() {
    RaftNode node = raft;
    if (node != null) {
      node.close();
    }
    checkpoints.close();
  }
}
