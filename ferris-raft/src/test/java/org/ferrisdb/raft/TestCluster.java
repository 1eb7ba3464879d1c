package org.ferrisdb.raft;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.ferrisdb.raft.ProposalOutcome.Applied;
import org.jspecify.annotations.Nullable;

/**
 * Nodes in one process, each with its directory, connected over loopback; links can be cut one way.
 */
final class TestCluster implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Path root;
  private final RaftOptions options;
  private final List<Node> nodes = new ArrayList<>();
  private final Set<List<NodeId>> cut = ConcurrentHashMap.newKeySet();
  private final LinkControl links = (from, to) -> !cut.contains(List.of(from, to));

  private final AtomicInteger fetchesToFail = new AtomicInteger();
  private final AtomicInteger fetchesWaiting = new AtomicInteger();
  private final Queue<LogHold> held = new ConcurrentLinkedQueue<>();
  private volatile boolean fetchesAreSlow;
  private volatile CountDownLatch fetchGate = new CountDownLatch(0);

  /** One node, running or not. */
  final class Node {
    final RaftMember member;
    final Path directory;
    final Map<GroupId, TestMachine> machines = new ConcurrentHashMap<>();
    @Nullable RaftNode raft;

    Node(RaftMember member, Path directory) {
      this.member = member;
      this.directory = directory;
    }

    RaftNode raft() {
      RaftNode running = raft;
      if (running == null) {
        throw new IllegalStateException(member + " is down");
      }
      return running;
    }

    NodeId id() {
      return member.id();
    }

    RaftGroup group(GroupId id) {
      RaftGroup group = raft().group(id);
      if (group == null) {
        throw new IllegalStateException(member + " has no " + id);
      }
      return group;
    }

    TestMachine machine(GroupId id) {
      TestMachine machine = machines.get(id);
      if (machine == null) {
        throw new IllegalStateException(member + " has no machine of " + id);
      }
      return machine;
    }

    void start() {
      start(options);
    }

    void start(RaftOptions with) {
      try {
        raft =
            RaftNode.start(
                member,
                directory.resolve("raft"),
                with,
                new RaftTransport("127.0.0.1", member.port(), null, links),
                this::newMachine,
                TestCluster.this::fetch);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private TestMachine newMachine(GroupId id) {
      TestMachine made = new TestMachine(directory.resolve("state").resolve(id.toString()));
      machines.put(id, made);
      return made;
    }

    void stop() {
      RaftNode running = raft;
      raft = null;
      if (running != null) {
        running.close();
      }
    }
  }

  private TestCluster(Path root, RaftOptions options) {
    this.root = root;
    this.options = options;
  }

  static RaftOptions smallOptions() {
    return new RaftOptions(
        Duration.ofMillis(300), Duration.ofMillis(600), 64 << 10, 64 << 10, 0, 1L << 30);
  }

  static TestCluster start(Path root, int size, RaftOptions options) {
    TestCluster cluster = new TestCluster(root, options);
    for (int i = 0; i < size; i++) {
      cluster.addNode().start();
    }
    return cluster;
  }

  Node addNode() {
    return addNode(root.resolve("node" + (nodes.size() + 1)));
  }

  Node addNode(Path directory) {
    int number = nodes.size() + 1;
    Node node =
        new Node(
            new RaftMember(new NodeId(String.format("%016x", number)), "127.0.0.1", freePort()),
            directory);
    nodes.add(node);
    return node;
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Node node(int index) {
    return nodes.get(index);
  }

  List<Node> nodes() {
    return nodes;
  }

  Node node(NodeId id) {
    return nodes.stream().filter(n -> n.id().equals(id)).findFirst().orElseThrow();
  }

  List<RaftMember> members() {
    return nodes.stream().map(n -> n.member).toList();
  }

  GroupId createGroup() {
    GroupId group = new GroupId(UUID.randomUUID());
    List<RaftMember> members = members();
    nodes.forEach(n -> n.raft().create(group, members));
    return group;
  }

  /** Waits for a leader that has been told that it is. */
  Node leader(GroupId group) {
    return await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> leaderNow(group), n -> n != null);
  }

  private @Nullable Node leaderNow(GroupId group) {
    for (Node node : nodes) {
      if (node.raft != null) {
        RaftGroup replica = node.raft.group(group);
        if (replica != null && replica.status().role() == GroupStatus.Role.LEADER) {
          return node;
        }
      }
    }
    return null;
  }

  List<Node> others(Node node) {
    return nodes.stream().filter(n -> n != node).toList();
  }

  /** Stops the node and starts it with other options. */
  void restart(Node node, RaftOptions with) {
    node.stop();
    node.start(with);
  }

  /** Has the node lead the group. */
  void moveLeadership(GroupId group, Node to) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .ignoreExceptions()
        .until(() -> {
          Node from = leader(group);
          if (from != to) {
            var _ =
                from.group(group)
                    .transferLeadership(to.id(), Duration.ofSeconds(5))
                    .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
          }
          return leaderNow(group) == to;
        });
  }

  /** Waits until all nodes that run know that the node leads the group. */
  void awaitFollowing(GroupId group, Node leader) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() ->
            nodes.stream()
                .filter(n -> n.raft != null)
                .allMatch(n -> leader.id().equals(n.group(group).status().leader())));
  }

  /** Proposes until it applies, at whatever leader. */
  RaftPosition put(GroupId group, String key, String value) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      ProposalOutcome outcome =
          leader(group)
              .group(group)
              .propose(TestMachine.put(key, value))
              .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      if (outcome instanceof Applied applied) {
        return applied.position();
      }
    }
    throw new AssertionError("no leader accepts " + key);
  }

  void awaitValue(Node node, GroupId group, String key, String value) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> value.equals(node.machine(group).get(key)));
  }

  /** What one node sends the other vanishes from now on. */
  void cut(NodeId from, NodeId to) {
    cut.add(List.of(from, to));
  }

  /** What one node sends the other arrives again. */
  void mend(NodeId from, NodeId to) {
    cut.remove(List.of(from, to));
  }

  void isolate(NodeId node) {
    for (Node other : nodes) {
      if (!other.id().equals(node)) {
        cut(node, other.id());
        cut(other.id(), node);
      }
    }
  }

  void heal() {
    cut.clear();
  }

  /** From now on fetches of checkpoints wait. */
  void holdFetches() {
    fetchGate = new CountDownLatch(1);
  }

  /** From now on they are made at once, the log behind them is held, and they wait on their way. */
  void slowFetches() {
    fetchesAreSlow = true;
    holdFetches();
  }

  void releaseFetches() {
    fetchGate.countDown();
  }

  /** As if all who have fetched checkpoints had put them in place long ago. */
  void releaseLogs() {
    held.forEach(LogHold::close);
  }

  int fetchesWaiting() {
    return fetchesWaiting.get();
  }

  void failFetches(int count) {
    fetchesToFail.set(count);
  }

  private RaftPosition fetch(GroupId group, RaftMember from, Path directory) throws IOException {
    Node source = node(from.id());
    if (source.raft == null) {
      throw new IOException(from + " is down");
    }
    if (fetchesToFail.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
      throw new IOException("injected");
    }
    RaftPosition early = null;
    if (fetchesAreSlow) {
      LogHold log = source.group(group).holdLog();
      held.add(log);
      early = source.machine(group).checkpoint(directory);
      log.from(early.index() + 1);
    }
    fetchesWaiting.incrementAndGet();
    try {
      fetchGate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    } finally {
      fetchesWaiting.decrementAndGet();
    }
    return early != null ? early : source.machine(group).checkpoint(directory);
  }

  @Override
  public void close() {
    // Closing takes a second, waiting for Ratis's log writers.
    nodes.parallelStream().forEach(Node::stop);
  }
}
