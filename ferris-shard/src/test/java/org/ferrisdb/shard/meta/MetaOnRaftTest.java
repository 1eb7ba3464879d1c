package org.ferrisdb.shard.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.ferrisdb.shard.meta.MetaFixtures.id;
import static org.ferrisdb.shard.meta.MetaFixtures.ids;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.ferrisdb.raft.GroupId;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftGroup;
import org.ferrisdb.raft.RaftMember;
import org.ferrisdb.raft.RaftNode;
import org.ferrisdb.raft.RaftOptions;
import org.ferrisdb.shard.ShardEnvironment;
import org.ferrisdb.shard.ShardLimits;
import org.ferrisdb.shard.map.NodeRecord;
import org.ferrisdb.shard.map.PreSplit;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.placement.ReplacementPlanner;
import org.ferrisdb.shard.placement.ReplacementPlanner.GroupView;
import org.ferrisdb.shard.placement.ReplacementPlanner.Step;
import org.ferrisdb.shard.testing.SimulatedOracle;
import org.ferrisdb.shard.testing.Simulation;
import org.ferrisdb.storage.Durability;
import org.ferrisdb.storage.StorageOptions;
import org.ferrisdb.storage.StorageResources;
import org.ferrisdb.storage.io.DiskFileSystem;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The meta group on real Raft and real files: what the simulation only claims Raft to be. */
final class MetaOnRaftTest {
  private static final GroupId META = new GroupId(new UUID(0, 1));
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path root;
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final ExecutorService loops = Executors.newFixedThreadPool(2);
  private final StorageResources resources = new StorageResources(1 << 20, 1);
  private final AtomicInteger fetched = new AtomicInteger();
  private final Map<Integer, Node> nodes = new TreeMap<>();

  private final class Node {
    final RaftMember member;
    final Path directory;
    final NodeRecord record;
    @Nullable RaftNode raft;
    @Nullable MetaReplica meta;

    Node(int number, String name) {
      int port = freePort();
      member = new RaftMember(id(number), "127.0.0.1", port);
      directory = root.resolve("node-" + number);
      record =
          new NodeRecord(member.id(), name, "c", "127.0.0.1:" + port, "h", NodeRecord.State.MEMBER);
    }

    void start() throws IOException {
      meta = MetaReplica.create(directory.resolve("state"), environment());
      raft =
          RaftNode.start(
              member,
              directory.resolve("raft"),
              new RaftOptions(
                  Duration.ofMillis(300), Duration.ofMillis(600), 4 << 20, 8 << 20, 0, 1L << 30),
              group -> meta(),
              (group, from, to) -> {
                fetched.incrementAndGet();
                return byId(from.id()).meta().checkpoint(to);
              });
      RaftGroup reopened = raft.group(META);
      if (reopened != null) {
        meta().attach(reopened);
      }
    }

    MetaReplica meta() {
      return Optional.ofNullable(meta).orElseThrow();
    }

    RaftNode raft() {
      return Optional.ofNullable(raft).orElseThrow();
    }

    RaftGroup group() {
      return Optional.ofNullable(raft().group(META)).orElseThrow();
    }

    boolean up() {
      return raft != null;
    }

    void stop() {
      raft().close();
      meta().close();
      raft = null;
      meta = null;
    }
  }

  private ShardEnvironment environment() {
    return new ShardEnvironment(
        new DiskFileSystem(),
        StorageOptions.defaults(Durability.EXTERNAL_LOG),
        resources,
        new SimulatedOracle(new Simulation()), // not used by meta
        id -> null,
        System::nanoTime,
        System::currentTimeMillis,
        loops,
        loops,
        timer,
        Duration.ofMillis(250),
        ShardLimits.defaults());
  }

  @AfterEach
  void stop() {
    nodes.values().stream().filter(Node::up).forEach(Node::stop);
    timer.shutdownNow();
    loops.shutdownNow();
    resources.close();
  }

  @Test
  void leaders_die_nodes_return_and_a_lost_one_is_replaced_while_timestamps_rise()
      throws Exception {
    for (int i = 1; i <= 3; i++) {
      nodes.put(i, new Node(i, "n" + i));
    }
    List<RaftMember> members = nodes.values().stream().map(n -> n.member).toList();
    for (Node node : nodes.values()) {
      node.start();
      node.meta().attach(node.raft().create(META, members));
    }
    Node leader = serving();
    run(
        leader,
        new MetaCommand.Form(
            nodes.values().stream().map(n -> n.record).toList(),
            PreSplit.place(PreSplit.evenly(4), ids(1, 2, 3), 3)));
    long newest = 0;
    for (int i = 0; i < 1000; i++) {
      newest = drawAbove(leader, newest);
    }

    // The leader dies and returns: the others go on above what it handed out, it catches up.
    leader.stop();
    Node second = serving();
    newest = drawAbove(second, newest);
    run(second, new MetaCommand.ChangeSetting("while it was away", "1"));
    leader.start();
    awaitSameState(leader, second);

    // It dies again and comes back as another, with an empty disk; whatever it missed is only to be
    // had by checkpoint, because the log is purged.
    Node lost = leader;
    lost.stop();
    Node fresh = new Node(4, lost.record.name());
    nodes.put(4, fresh);
    fresh.start();
    Node third = serving();
    third.group().compactLog().get(10, TimeUnit.SECONDS);
    run(third, new MetaCommand.RegisterNode(fresh.record));
    replaceEverything(fresh);
    awaitSameState(fresh, serving());
    assertThat(fetched).as("checkpoints fetched").hasPositiveValue();
    assertThat(serving().meta().map().metaMembers().replicas())
        .contains(fresh.member.id())
        .doesNotContain(lost.member.id());
    assertThat(serving().meta().status().operations()).hasSize(4); // those of the four shards

    // Two of the three restart, the new one among them; it may lead as any other.
    newest = drawAbove(serving(), newest);
    for (Node node : List.of(fresh, serving().equals(fresh) ? second : serving())) {
      node.stop();
      node.start();
    }
    newest = drawAbove(serving(), newest);
    assertThat(newest >>> 16).isLessThan(System.currentTimeMillis() + 60_000);
  }

  /** Carries out what the planner says for meta until it says nothing more. */
  private void replaceEverything(Node fresh) {
    Set<NodeId> open = new HashSet<>();
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> {
          Node leader = serving();
          List<RaftMember> voters = leader.group().status().members();
          List<Step> plan =
              ReplacementPlanner.plan(
                  leader.meta().map(),
                  List.of(new GroupView(ShardId.META, 1, voters, open)),
                  fresh.member.id()::equals,
                  1);
          for (Step step : plan) {
            switch (step) {
              case Step.JoinGroup s -> {
                fresh.meta().attach(fresh.raft().join(META));
                open.add(s.node());
              }
              case Step.ChangeMembers s ->
                  leader.group().changeMembers(s.expected(), s.next()).get(20, TimeUnit.SECONDS);
              case Step.RecordReplicas s -> run(leader, s.command());
              case Step.RecordStep s -> run(leader, s.command());
            }
          }
          return plan.isEmpty();
        });
  }

  private Node serving() {
    List<Node> found = new ArrayList<>();
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> {
          found.clear();
          nodes.values().stream().filter(n -> n.up() && n.meta().serving()).forEach(found::add);
          return found.size() == 1;
        });
    return found.getFirst();
  }

  private static void run(Node node, MetaCommand command)
      throws InterruptedException, ExecutionException, TimeoutException {
    assertThat(node.meta().execute(command).get(10, TimeUnit.SECONDS)).isNotNull();
  }

  private static long drawAbove(Node node, long newest)
      throws InterruptedException, ExecutionException, TimeoutException {
    long drawn = node.meta().drawTimestamps(1).get(10, TimeUnit.SECONDS);
    assertThat(drawn).isGreaterThan(newest);
    return drawn;
  }

  private static void awaitSameState(Node a, Node b) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(a.meta().digest()).isEqualTo(b.meta().digest()));
    assertThat(a.meta().status().appliedIndex()).isPositive();
  }

  private Node byId(NodeId id) {
    return nodes.values().stream().filter(n -> n.member.id().equals(id)).findFirst().orElseThrow();
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
