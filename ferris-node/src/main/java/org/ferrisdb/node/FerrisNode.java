package org.ferrisdb.node;

import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.ferrisdb.client.wire.FrameCodec;
import org.ferrisdb.client.wire.Hello;
import org.ferrisdb.client.wire.HelloReply;
import org.ferrisdb.node.cluster.ClusterRuntime;
import org.ferrisdb.node.cluster.DiskGuard;
import org.ferrisdb.node.cluster.DiskMembership;
import org.ferrisdb.node.cluster.Formation;
import org.ferrisdb.node.cluster.GroupIds;
import org.ferrisdb.node.cluster.MetaClient;
import org.ferrisdb.node.cluster.NodeMap;
import org.ferrisdb.node.cluster.OracleRoute;
import org.ferrisdb.node.cluster.PeerClient;
import org.ferrisdb.node.cluster.ShardHost;
import org.ferrisdb.node.config.HostPort;
import org.ferrisdb.node.config.NodeConfig;
import org.ferrisdb.node.console.ConsolePage;
import org.ferrisdb.node.console.ConsoleService;
import org.ferrisdb.node.console.NodeActivity;
import org.ferrisdb.node.observe.HttpEndpoint;
import org.ferrisdb.node.observe.NodeMetrics;
import org.ferrisdb.node.observe.NodeView;
import org.ferrisdb.node.observe.SlowLog;
import org.ferrisdb.node.observe.StatusReport;
import org.ferrisdb.node.server.Admission;
import org.ferrisdb.node.server.EventLoops;
import org.ferrisdb.node.server.FrontDoor;
import org.ferrisdb.node.service.ClusterServices;
import org.ferrisdb.node.service.NodeRequests;
import org.ferrisdb.node.service.RequestRouter;
import org.ferrisdb.raft.DataDirectoryLock;
import org.ferrisdb.raft.LinkControl;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftTransport;
import org.ferrisdb.shard.map.NodeRecord;
import org.ferrisdb.shard.oracle.BatchingTimestampSource;
import org.ferrisdb.storage.ResourceOptions;
import org.ferrisdb.storage.ResourceStats;
import org.ferrisdb.storage.StorageResources;
import org.ferrisdb.storage.io.DiskFileSystem;
import org.ferrisdb.storage.io.FileSystem;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node, all of it. {@link #start} returns once the front door is open; finding or forming the
 * cluster goes on in the background, and {@link #awaitReady} waits for it. {@link #run} is a whole
 * process.
 */
public final class FerrisNode implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("ferris.node");
  private static final Duration HANDOVER_TIMEOUT = Duration.ofSeconds(3);
  private static final long HELLO_TIMEOUT_MILLIS = 10_000;

  private final NodeConfig config;
  private final long startedMillis = System.currentTimeMillis();
  private final FileSystem files = new DiskFileSystem();
  private final LinkControl links;
  private final Consumer<Throwable> fatal;
  private final DataDirectoryLock lock;
  private final DiskMembership membership;
  private final MemoryBudget memory;
  private final DiskGuard disk;
  private final Admission admission;
  private final NodeThreads threads;
  private final EventLoops loops;
  private final PeerClient peers;
  private final StorageResources storage;
  private final NodeMap nodeMap = new NodeMap();
  private final NodeView view = new View();
  private final NodeMetrics metrics;
  private final NodeActivity activity;
  private final FrontDoor frontDoor;
  private final HttpEndpoint http;
  private final NodeRecord self;
  private final Formation formation;
  private final AtomicBoolean closing = new AtomicBoolean();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread forming;
  private volatile @Nullable ClusterRuntime runtime;
  private volatile @Nullable ClusterServices services;
  private volatile @Nullable BatchingTimestampSource timestamps;

  private FerrisNode(NodeConfig config, LinkControl links, Consumer<Throwable> fatal)
      throws IOException {
    this.config = config;
    this.links = links;
    this.fatal = fatal;
    files.createDirectories(config.dataDir());
    lock = DataDirectoryLock.acquire(config.dataDir());
    try (Undo undo = new Undo()) {
      undo.add(lock);
      membership = DiskMembership.open(files, config.dataDir(), new SecureRandom());
      memory = budget(config);
      disk = new DiskGuard(DiskGuard.freeBytesOf(config.dataDir()), config.diskReserve());
      admission = new Admission(config.limits().connections(), memory.inFlight());
      threads = undo.add(new NodeThreads(config.name()));
      loops = undo.add(new EventLoops(config.name() + "-net", NodeThreads.eventLoops()));
      peers = undo.add(new PeerClient(loops, this::hello));
      storage = undo.add(new StorageResources(resources(config, memory)));
      metrics = undo.add(new NodeMetrics(view));
      activity = new NodeActivity(view, config, metrics, System::currentTimeMillis);
      frontDoor = undo.add(new FrontDoor(loops, frontDoorSetup()));
      HostPort client = frontDoor.open(config.clientListen());
      http =
          undo.add(
              new HttpEndpoint(
                  config.httpListen(),
                  metrics::scrape,
                  view::notReady,
                  () -> StatusReport.json(view),
                  ConsolePage.resources(console())));
      self = record(config, membership.nodeId(), client.port(), http.port());
      formation = new Formation(config, self, membership, peers, UUID::randomUUID);
      undo.clear();
    }
    warnIfPublic();
    activity.start(threads.timer());
    forming = threads.start("formation", this::joinCluster);
  }

  private ConsoleService console() {
    return new ConsoleService(view, activity, peers, System::nanoTime, System::currentTimeMillis);
  }

  private static MemoryBudget budget(NodeConfig config) {
    long total =
        config.memoryBudget() > 0 ? config.memoryBudget() : Runtime.getRuntime().maxMemory();
    return MemoryBudget.of(total, config.limits().nodeBytes());
  }

  private static ResourceOptions resources(NodeConfig config, MemoryBudget memory) {
    return ResourceOptions.of(memory.blockCache(), config.backgroundThreads())
        .withMemtableBytes(memory.memtables())
        .withCompactionBytesPerSecond(config.compactionBytesPerSecond());
  }

  private static NodeRecord record(NodeConfig config, NodeId id, int clientPort, int httpPort) {
    return new NodeRecord(
        id,
        config.name(),
        withPort(config.clientAdvertise(), clientPort),
        config.raftAdvertise().toString(),
        withPort(config.httpAdvertise(), httpPort),
        NodeRecord.State.MEMBER,
        config.networks());
  }

  private static String withPort(HostPort advertised, int real) {
    return (advertised.port() == 0 ? advertised.withPort(real) : advertised).toString();
  }

  private FrontDoor.Setup frontDoorSetup() {
    NodeConfig.Limits limits = config.limits();
    NodeRequests nodes =
        new NodeRequests(
            this::self,
            membership,
            this::formation,
            () -> services,
            activity::answer,
            threads.workers());
    RequestRouter router =
        new RequestRouter(
            () -> services,
            () -> view.formationState(),
            this::clusterId,
            () -> CompletableFuture.supplyAsync(() -> StatusReport.json(view), threads.workers()),
            nodes);
    return new FrontDoor.Setup(
        router,
        this::greeting,
        config.networks(),
        admission,
        limits.connectionRequests(),
        limits.connectionBytes(),
        FrameCodec.DEFAULT_MAX_FRAME_BYTES,
        HELLO_TIMEOUT_MILLIS,
        new SlowLog(view, config.slowOperation(), activity.listener()),
        fatal::accept);
  }

  /** Starts a node; failures after this returns are given to {@code fatal}. */
  public static FerrisNode start(NodeConfig config, Consumer<Throwable> fatal) throws IOException {
    return new FerrisNode(config, LinkControl.OPEN, fatal);
  }

  /** As above, with links that a test can cut. */
  public static FerrisNode start(NodeConfig config, LinkControl links, Consumer<Throwable> fatal)
      throws IOException {
    return new FerrisNode(config, links, fatal);
  }

  private void joinCluster() {
    try {
      formation.run();
      UUID cluster = membership.cluster().orElseThrow();
      openCluster(cluster);
      LOG.atInfo().addKeyValue("cluster", cluster).log("member of cluster");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closing
    } catch (IOException | RuntimeException | Error e) {
      if (!closing.get()) {
        LOG.error("the node can not go on", e);
        fatal.accept(e);
      }
    }
  }

  private void openCluster(UUID cluster) throws IOException {
    MetaClient meta =
        new MetaClient(
            () -> {
              ClusterServices s = services;
              return s == null ? null : s.host().meta();
            },
            nodeMap,
            peers,
            self.id(),
            config.seeds());
    BatchingTimestampSource source =
        new BatchingTimestampSource(
            new OracleRoute(
                meta::draw, meta::drawThrough, meta::others, System::nanoTime, threads.timer()),
            System::nanoTime,
            threads.timer(),
            BatchingTimestampSource.Options.defaults());
    timestamps = source;
    Replicas replicas = new Replicas(config, memory, files, storage, source, nodeMap, threads);
    ShardHost host =
        new ShardHost(new GroupIds(cluster), config.dataDir(), files, replicas, nodeMap);
    ClusterRuntime made =
        new ClusterRuntime(
            new ClusterRuntime.Parts(
                self,
                membership,
                config.dataDir(),
                files,
                Replicas.raftOptions(config),
                new RaftTransport(
                    config.raftListen().host(), config.raftListen().port(), cluster, links),
                nodeMap,
                host,
                meta,
                peers,
                config.seeds(),
                disk,
                threads.workers(),
                threads.makers()));
    runtime = made;
    services = new ClusterServices(host, nodeMap, source, meta, made.checkpoints(), disk);
    boolean first = !membership.created();
    made.start(threads.housekeeping());
    if (first) {
      membership.plan().ifPresent(formation::push);
    }
  }

  private Hello hello() {
    return Hello.newBuilder()
        .setProtocolVersion(1)
        .setClusterId(clusterId())
        .setPeerName(config.name())
        .setNodeId(membership.nodeId().value())
        .build();
  }

  private HelloReply greeting() {
    BatchingTimestampSource source = timestamps;
    return HelloReply.newBuilder()
        .setClusterId(clusterId())
        .setNodeId(membership.nodeId().value())
        .setNodeName(config.name())
        .setOracleNow(source == null ? 0 : source.newest())
        .build();
  }

  private String clusterId() {
    return membership.cluster().map(UUID::toString).orElse("");
  }

  /** Who this node is. */
  public NodeRecord self() {
    return self;
  }

  private @Nullable Formation formation() {
    return formation;
  }

  /** What there is to see of it. */
  public NodeView view() {
    return view;
  }

  /** Waits until it serves; false if it does not in time. */
  public boolean awaitReady(Duration timeout) throws InterruptedException {
    long until = System.nanoTime() + timeout.toNanos();
    while (!view.notReady().isEmpty()) {
      if (System.nanoTime() - until >= 0 || closed.await(20, TimeUnit.MILLISECONDS)) {
        return false;
      }
    }
    return true;
  }

  private void warnIfPublic() {
    for (HostPort address :
        List.of(config.clientListen(), config.raftListen(), config.httpListen())) {
      if (!address.isLoopback()) {
        LOG.warn(
            "{} can be reached from other machines, and there is no TLS and no authentication yet:"
                + " let only trusted machines reach it",
            address);
      }
    }
  }

  /**
   * Stops: gives leaderships away, flushes, then closes everything in the reverse order of its
   * start. Bounded in time.
   */
  @Override
  public void close() {
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    try {
      stop(true);
    } finally {
      closed.countDown();
    }
  }

  /** Stops without handing over or flushing, as near to a crash as one can get inside a process. */
  public void abandon() {
    if (closing.compareAndSet(false, true)) {
      stop(false);
      closed.countDown();
    }
  }

  private void stop(boolean gently) {
    forming.interrupt();
    join(forming);
    ClusterRuntime cluster = runtime;
    if (gently && cluster != null) {
      try {
        cluster.handOver(HANDOVER_TIMEOUT);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    threads.stopHousekeeping();
    frontDoor.close();
    if (cluster != null) {
      if (gently) {
        try {
          cluster.flush();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
      cluster.close();
    }
    BatchingTimestampSource source = timestamps;
    if (source != null) {
      source.close();
    }
    http.close();
    metrics.close();
    peers.close();
    threads.close();
    storage.close();
    loops.close();
    try {
      lock.close();
    } catch (IOException e) {
      LOG.warn("the lock was not released", e);
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A whole node process; see {@link NodeProcessMain}. */
  public static int run(NodeConfig config) {
    return NodeProcessMain.run(config);
  }

  /** What observers see. */
  private final class View implements NodeView {
    @Override
    public NodeConfig config() {
      return config;
    }

    @Override
    public NodeRecord self() {
      return self;
    }

    @Override
    public Optional<String> clusterId() {
      return membership.cluster().map(UUID::toString);
    }

    @Override
    public String formationState() {
      Formation f = formation();
      return f == null ? "starting" : f.state();
    }

    @Override
    public Optional<ShardHost> host() {
      return Optional.ofNullable(services).map(ClusterServices::host);
    }

    @Override
    public Optional<NodeMap> nodeMap() {
      return Optional.ofNullable(services).map(ClusterServices::nodeMap);
    }

    @Override
    public DiskGuard disk() {
      return disk;
    }

    @Override
    public Admission admission() {
      return admission;
    }

    @Override
    public MemoryBudget memory() {
      return memory;
    }

    @Override
    public ResourceStats storage() {
      return storage.stats();
    }

    @Override
    public Map<NodeId, Long> peerSilence() {
      ClusterRuntime cluster = runtime;
      return cluster == null ? Map.of() : cluster.monitor().silence();
    }

    @Override
    public List<String> replacements() {
      ClusterRuntime cluster = runtime;
      return cluster == null ? List.of() : cluster.housekeeping().replacementsUnderWay();
    }

    @Override
    public long reopened() {
      ClusterRuntime cluster = runtime;
      return cluster == null ? 0 : cluster.housekeeping().reopened();
    }

    @Override
    public long rebuilt() {
      ClusterRuntime cluster = runtime;
      return cluster == null ? 0 : cluster.housekeeping().rebuilt();
    }

    @Override
    public String notReady() {
      if (closing.get()) {
        return "stopping";
      }
      ClusterRuntime cluster = runtime;
      return services == null || cluster == null ? formationState() : cluster.notReady();
    }

    @Override
    public long startedMillis() {
      return startedMillis;
    }
  }
}
