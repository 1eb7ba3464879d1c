package org.ferrisdb.raft.ratis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.ratis.conf.Parameters;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.proto.RaftProtos.RaftGroupIdProto;
import org.apache.ratis.protocol.ClientId;
import org.apache.ratis.protocol.GroupManagementRequest;
import org.apache.ratis.protocol.RaftClientReply;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.util.ProtoUtils;
import org.ferrisdb.raft.CheckpointFetcher;
import org.ferrisdb.raft.GroupId;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftGroup;
import org.ferrisdb.raft.RaftMember;
import org.ferrisdb.raft.RaftOptions;
import org.ferrisdb.raft.RaftTransport;
import org.ferrisdb.raft.ReplicatedStateMachine;
import org.ferrisdb.raft.ratis.GroupManifest.Entry;
import org.ferrisdb.raft.ratis.GroupManifest.State;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Ratis server of a node and its replicas; the inside of {@link org.ferrisdb.raft.RaftNode},
 * not for use by others. On disk:
 *
 * <pre>
 * directory/groups             list of groups, see GroupManifest
 * directory/logs/GROUP/current Ratis's log segments, vote, configuration
 * directory/checkpoints/       checkpoints being fetched; emptied at start
 * </pre>
 */
public final class RatisHost implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RatisHost.class);
  private static final long CLOSE_SECONDS = 20;

  private final RaftMember self;
  private final Path logs;
  private final CheckpointFiles checkpoints;
  private final RatisSettings settings;
  private final RaftTransport transport;
  private final Function<GroupId, ReplicatedStateMachine> stateMachines;
  private final GroupManifest manifest;
  private final RaftServer server;
  private final ClientId client = ClientId.randomId();
  private final AtomicLong calls = new AtomicLong();
  private final ExecutorService notices;
  private final GroupWatch watch;
  private final LeaderLoss leaderLoss;

  /** Held while replicas are opened, closed and removed, and around the manifest. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Map<GroupId, RatisGroup> groups = new ConcurrentHashMap<>();

  /** Replicas by group, from before Ratis opens them. */
  private final Map<GroupId, ReplicaStateMachine> replicas = new ConcurrentHashMap<>();

  /** Replicas that Ratis was told to close and has not closed; guarded by the lock. */
  private final Map<GroupId, CompletableFuture<?>> closing = new HashMap<>();

  /** Groups that were lost, to whether their log is whole and only their state is not. */
  private final Map<GroupId, Boolean> lost = new ConcurrentHashMap<>();

  private final UnreadableLogs unreadable = new UnreadableLogs(System::nanoTime);

  private RatisHost(
      RaftMember self,
      Path directory,
      RaftOptions options,
      RaftTransport transport,
      Function<GroupId, ReplicatedStateMachine> stateMachines,
      CheckpointFetcher fetcher)
      throws IOException {
    this.self = self;
    this.logs = directory.resolve("logs");
    this.settings = new RatisSettings(options);
    this.transport = transport;
    this.stateMachines = stateMachines;
    Files.createDirectories(logs);
    this.checkpoints = CheckpointFiles.empty(directory.resolve("checkpoints"), fetcher);
    DirectorySync.force(directory);
    this.manifest = GroupManifest.open(directory);
    this.notices =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("raft-notices-" + self.id()).factory());
    RaftProperties properties = settings.properties(directory.resolve("removed"));
    this.leaderLoss = new LeaderLoss(this);
    Parameters parameters = new Parameters();
    parameters.put(PeerRpcType.CONTEXT, new Context(), RpcContext.class);
    // No storage yet: Ratis would open all groups at once, and none if one of them is damaged.
    RatisSettings.setStorage(properties, directory.resolve("none"));
    this.server =
        RaftServer.newBuilder()
            .setServerId(peerId())
            .setStateMachineRegistry(this::replicaFor)
            .setProperties(properties)
            .setParameters(parameters)
            .build();
    RatisSettings.setStorage(properties, logs);
    this.watch = new GroupWatch(this);
  }

  /** See {@link org.ferrisdb.raft.RaftNode#start}. */
  public static RatisHost start(
      RaftMember self,
      Path directory,
      RaftOptions options,
      RaftTransport transport,
      Function<GroupId, ReplicatedStateMachine> stateMachines,
      CheckpointFetcher fetcher)
      throws IOException {
    RatisHost host = new RatisHost(self, directory, options, transport, stateMachines, fetcher);
    try {
      host.server.start();
      host.reopenAll();
      host.watch.start();
      return host;
    } catch (IOException | RuntimeException e) {
      host.close();
      throw e;
    }
  }

  private void reopenAll() throws IOException {
    for (Entry entry : manifest.entries()) {
      GroupId group = entry.group();
      if (entry.state() == State.REMOVING) {
        try {
          finishRemoval(group);
        } catch (IOException e) {
          LOG.error(
              "group {}: what is left of it can not be removed; the next start tries", group, e);
        }
        continue;
      }
      RatisGroup replica = new RatisGroup(group, this);
      groups.put(group, replica);
      try {
        if (entry.state() == State.OPEN && !DurableVote.isKnown(currentDirectory(group))) {
          lost.put(group, false);
          replica.failed(null, new IOException("the log's directory is gone"));
          LOG.error("group {}: its log is gone; it is not opened, see RaftNode.lostGroups", group);
        } else {
          open(replica, entry, false);
        }
      } catch (IOException | RuntimeException e) {
        replica.failed(null, e);
        LOG.error("group {}: can not be opened; the others go on", group, e);
      }
    }
  }

  private Path currentDirectory(GroupId group) {
    return logs.resolve(group.toString()).resolve("current");
  }

  // ---- opening, closing, removing --------------------------------------------------------------

  /** See {@link org.ferrisdb.raft.RaftNode#create}. */
  public RaftGroup create(GroupId group, List<RaftMember> members) {
    if (members.stream().noneMatch(m -> m.id().equals(self.id()))) {
      throw new IllegalArgumentException("node " + self.id() + " is not among the members");
    }
    return add(group, members, 0);
  }

  /** See {@link org.ferrisdb.raft.RaftNode#join}. */
  public RaftGroup join(GroupId group) {
    return add(group, List.of(), 0);
  }

  /** See {@link org.ferrisdb.raft.RaftNode#rejoin}. */
  public RaftGroup rejoin(GroupId group, long term) {
    lock.lock();
    try {
      if (manifest.get(group) != null) {
        throw new IllegalStateException("group " + group + " is to be removed here first");
      }
      return add(group, List.of(), term);
    } finally {
      lock.unlock();
    }
  }

  private RaftGroup add(GroupId group, List<RaftMember> members, long bornInTerm) {
    lock.lock();
    try {
      RatisGroup known = groups.get(group);
      if (known != null) {
        return known;
      }
      Entry entry = manifest.get(group);
      if (entry != null && entry.state() == State.REMOVING) {
        finishRemoval(group);
        entry = null;
      }
      if (entry == null) {
        if (bornInTerm > 0) {
          // Before the list names the group: after a crash in between this is done again.
          FileTree.delete(logs.resolve(group.toString()));
          DurableVote.create(currentDirectory(group), bornInTerm);
        }
        entry = new Entry(group, State.CREATING, List.copyOf(members));
        manifest.put(entry);
      }
      RatisGroup replica = new RatisGroup(group, this);
      open(replica, entry, false);
      groups.put(group, replica);
      return replica;
    } catch (IOException e) {
      throw new UncheckedIOException("group " + group + ": can not be opened", e);
    } finally {
      lock.unlock();
    }
  }

  private void open(RatisGroup group, Entry entry, boolean afterFailure) throws IOException {
    GroupId id = group.id();
    if (entry.state() == State.CREATING && !DurableVote.hasCopy(currentDirectory(id))) {
      // A birth that did not get far, on a full disk perhaps. It has taken part in nothing. One
      // that was born into a term has that in the copy of its vote, and must not forget it.
      FileTree.delete(logs.resolve(id.toString()));
    }
    try {
      LogTailRepair.prepare(currentDirectory(id), settings.appendBytes(), afterFailure);
      DurableVote.repair(currentDirectory(id));
      replicas.put(id, newReplica(group, entry));
      RaftClientReply reply =
          server.groupManagement(
              GroupManagementRequest.newAdd(
                  client,
                  peerId(),
                  nextCall(),
                  org.apache.ratis.protocol.RaftGroup.valueOf(
                      Members.group(id), Members.peers(entry.members())),
                  false));
      if (!reply.isSuccess()) {
        throw new IOException("group " + id + ": " + reply.getException(), reply.getException());
      }
      group.opened(new RatisGroup.Opened(server.getDivision(Members.group(id)), replica(id)));
      requireNoGap(id);
      replica(id).opened();
      unreadable.forget(id);
    } catch (IOException | RuntimeException e) {
      ReplicaStateMachine unopened = replicas.remove(id);
      if (unopened != null) {
        unopened.releaseUnopened();
      }
      if (entry.state() == State.OPEN) {
        noteDamage(id);
      }
      throw e;
    }
  }

  /**
   * Whether there is a point in trying again: the disk may have been full, or the log is damaged.
   */
  private void noteDamage(GroupId group) {
    try {
      LogFiles.damage(currentDirectory(group)).ifPresent(damage -> isLost(group, damage));
    } catch (LogFiles.Unreadable e) {
      if (unreadable.isDamage(group, currentDirectory(group))) {
        isLost(group, String.valueOf(e.getMessage()));
      } else {
        LOG.warn("group {}: {}; it is tried again", group, e.getMessage());
      }
    } catch (IOException e) {
      LOG.warn("group {}: its log can not be looked at", group, e);
    }
  }

  private void isLost(GroupId group, String damage) {
    lost.put(group, false);
    LOG.error("group {}: its log is lost, {}; see RaftNode.lostGroups", group, damage);
  }

  /**
   * A log that begins behind the state can never be applied: the state was lost, or emptied. Such a
   * replica would vote and even lead without ever applying anything.
   */
  private void requireNoGap(GroupId group) throws IOException {
    long begin = server.getDivision(Members.group(group)).getRaftLog().getStartIndex();
    long state = ReplicaStateMachine.termIndex(replica(group).durable()).getIndex();
    if (begin > state + 1) {
      closeDivision(group);
      lost.put(group, true);
      throw new IOException("the log begins at " + begin + ", the state ends at " + state);
    }
  }

  private ReplicaStateMachine newReplica(RatisGroup group, Entry entry) {
    GroupId id = group.id();
    ReplicatedStateMachine ours = stateMachines.apply(id);
    LeadershipNotices leadership = new LeadershipNotices(ours, notices);
    ReplicaStateMachine[] made = new ReplicaStateMachine[1];
    made[0] =
        new ReplicaStateMachine(
            id,
            ours,
            leadership,
            checkpoints,
            currentDirectory(id),
            settings,
            () -> birthIsDurable(entry),
            cause -> group.failed(made[0], cause));
    return made[0];
  }

  /**
   * From here on the replica may vote, so its directory must never again be taken for a new one.
   */
  private void birthIsDurable(Entry entry) throws IOException {
    Path current = currentDirectory(entry.group());
    DirectorySync.force(current);
    DirectorySync.force(logs.resolve(entry.group().toString()));
    DirectorySync.force(logs);
    if (entry.state() == State.CREATING) {
      // Whoever opens the replica holds the host's lock and waits for us, on another thread.
      manifest.put(new Entry(entry.group(), State.OPEN, entry.members()));
    }
  }

  private ReplicaStateMachine replicaFor(RaftGroupId group) {
    return replica(new GroupId(group.getUuid()));
  }

  ReplicaStateMachine replica(GroupId group) {
    ReplicaStateMachine replica = replicas.get(group);
    if (replica == null) {
      throw new IllegalStateException("no replica of group " + group);
    }
    return replica;
  }

  /** See {@link org.ferrisdb.raft.RaftNode#remove}. */
  public void remove(GroupId group) {
    lock.lock();
    try {
      Entry entry = manifest.get(group);
      if (entry == null) {
        return;
      }
      manifest.put(new Entry(group, State.REMOVING, entry.members()));
      RatisGroup replica = groups.get(group);
      if (replica != null) {
        replica.failed(null, new IOException("removed"));
        // Known until it is closed: its files must not go while it still writes them.
        closeDivision(group);
        groups.remove(group);
      }
      finishRemoval(group);
    } catch (IOException e) {
      throw new UncheckedIOException("group " + group + ": can not be removed", e);
    } finally {
      lock.unlock();
    }
  }

  private void finishRemoval(GroupId group) throws IOException {
    FileTree.delete(logs.resolve(group.toString()));
    DirectorySync.force(logs);
    lost.remove(group);
    manifest.remove(group);
  }

  /** See {@link org.ferrisdb.raft.RaftNode#reopen}. */
  public RaftGroup reopen(GroupId group) {
    lock.lock();
    try {
      RatisGroup replica = groups.get(group);
      Entry entry = manifest.get(group);
      if (replica == null || entry == null) {
        throw new IllegalArgumentException("no replica of group " + group);
      }
      if (!lost.getOrDefault(group, true)) {
        throw new IllegalStateException("group " + group + " is lost here; see lostGroups");
      }
      replica.failed(null, new IOException("being reopened"));
      closeDivision(group);
      lost.remove(group);
      open(replica, entry, true);
      return replica;
    } catch (IOException e) {
      throw new UncheckedIOException("group " + group + ": can not be reopened", e);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Has a replica that failed closed, without waiting for it: Ratis would go on electing, writing
   * and complaining. It stays known as failed; {@link #reopen} opens it again. Does nothing if that
   * is under way already.
   */
  void closeFailed(RatisGroup group) {
    // Whoever has the lock may be reopening or removing this replica, which closes it as well. If
    // not, the watch asks again soon.
    RatisGroup.Opened failed = group.failedOpening();
    if (failed == null || !lock.tryLock()) {
      return;
    }
    try {
      if (failed.equals(group.failedOpening())
          && replicas.get(group.id()) == failed.replica()
          && !closing.containsKey(group.id())) {
        LOG.warn("{}: failed and is closed", group);
        var _ = beginClosing(group.id());
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Has Ratis close the division, on a thread of its own: it waits for the log's writer, which may
   * wait for a disk.
   */
  private CompletableFuture<?> beginClosing(GroupId group) {
    ReplicaStateMachine replica = replicas.get(group);
    if (replica != null) {
      replica.withdraw("the replica is being closed");
    }
    CompletableFuture<Object> closed = new CompletableFuture<>();
    closing.put(group, closed);
    Thread.ofPlatform()
        .daemon()
        .name("raft-close-" + group)
        .start(() -> {
          try {
            closed.complete(
                server
                    .groupManagementAsync(
                        GroupManagementRequest.newRemove(
                            client, peerId(), nextCall(), Members.group(group), false, false))
                    .join());
          } catch (RuntimeException e) {
            closed.completeExceptionally(e);
          }
        });
    return closed;
  }

  /**
   * Takes the division out of Ratis, leaving its files; returns when its state machine is closed.
   */
  private void closeDivision(GroupId group) throws IOException {
    // Ratis forgets the group before it has closed it, so whoever asks a second time must wait for
    // the first answer.
    CompletableFuture<?> closed = closing.get(group);
    if (closed == null) {
      closed = beginClosing(group);
    }
    try {
      closed.get(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (TimeoutException e) {
      throw new IOException("group " + group + " does not close; restart the process", e);
    } catch (ExecutionException e) {
      LOG.info("group {}: was not open in Ratis: {}", group, String.valueOf(e.getCause()));
    }
    closing.remove(group);
    ReplicaStateMachine before = replicas.remove(group);
    if (before != null) {
      before.close();
    }
  }

  // ---- looking ---------------------------------------------------------------------------------

  /** The group's replica here, null if there is none. */
  public @Nullable RaftGroup group(GroupId group) {
    return groups.get(group);
  }

  /** All replicas here. */
  public Collection<RaftGroup> groups() {
    return List.copyOf(groups.values());
  }

  /** See {@link org.ferrisdb.raft.RaftNode#lostGroups}. */
  public Set<GroupId> lostGroups() {
    return Set.copyOf(lost.keySet());
  }

  /** See {@link org.ferrisdb.raft.RaftNode#statelessGroups}. */
  public Set<GroupId> statelessGroups() {
    return lost.entrySet().stream()
        .filter(Map.Entry::getValue)
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  Collection<RatisGroup> replicasOpen() {
    return groups.values();
  }

  RatisSettings settings() {
    return settings;
  }

  RaftServer server() {
    return server;
  }

  RaftMember self() {
    return self;
  }

  RaftPeerId peerId() {
    return RaftPeerId.valueOf(self.id().value());
  }

  ClientId client() {
    return client;
  }

  /** Unique, so that Ratis's retry cache never takes two proposals for one. */
  long nextCall() {
    return calls.incrementAndGet();
  }

  @Override
  public void close() {
    leaderLoss.close();
    watch.close();
    replicas.values().forEach(replica -> replica.withdraw("the node is closing"));
    try {
      server.close();
    } catch (IOException e) {
      LOG.warn("closing the Raft server", e);
    }
    replicas.values().forEach(ReplicaStateMachine::close);
    notices.shutdown();
    try {
      if (!notices.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("a leadership notice does not return");
        notices.shutdownNow();
      }
    } catch (InterruptedException e) {
      notices.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  private final class Context implements RpcContext {
    @Override
    public RaftMember self() {
      return self;
    }

    @Override
    public RaftTransport transport() {
      return transport;
    }

    @Override
    public RatisSettings settings() {
      return settings;
    }

    @Override
    public @Nullable ReplicaStateMachine replica(RaftGroupIdProto group) {
      return group.getId().isEmpty()
          ? null
          : replicas.get(new GroupId(ProtoUtils.toRaftGroupId(group).getUuid()));
    }

    @Override
    public void connectionLost(NodeId peer) {
      leaderLoss.connectionLost(peer);
    }
  }
}
