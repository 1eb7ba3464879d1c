package org.ferrisdb.node.cluster;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.ferrisdb.node.cluster.ReplicaMarks.Kind;
import org.ferrisdb.node.cluster.ReplicaMarks.Mark;
import org.ferrisdb.raft.GroupId;
import org.ferrisdb.raft.GroupStatus;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.RaftGroup;
import org.ferrisdb.raft.RaftMember;
import org.ferrisdb.raft.RaftNode;
import org.ferrisdb.raft.ReplicatedStateMachine;
import org.ferrisdb.shard.Rebuildable;
import org.ferrisdb.shard.ShardReplica;
import org.ferrisdb.shard.map.NodeRecord;
import org.ferrisdb.shard.map.ReplicaRepair;
import org.ferrisdb.shard.map.ShardDescriptor;
import org.ferrisdb.shard.map.ShardId;
import org.ferrisdb.shard.map.ShardMap;
import org.ferrisdb.shard.meta.MetaReplica;
import org.ferrisdb.shard.placement.ReplacementPlanner;
import org.ferrisdb.storage.io.FileSystem;
import org.jspecify.annotations.Nullable;

/**
 * This node's replicas: their state machines, made when Raft asks for them, and their groups.
 * Thread-safe; opening, removing and reopening block on files.
 *
 * <pre>
 *   data.dir/
 *     identity, lock, cluster.plan
 *     raft/        logs and votes, one directory a group (ferris-raft's)
 *     state/meta   state of the meta group
 *     state/s1     engine of shard 1, and so on
 *     replica.marks  what is being done to replicas here, see ReplicaMarks
 *     rebuild/     checkpoints on their way here; emptied at start
 *     checkpoints/ copies on their way to other nodes; emptied at start
 *     log/
 * </pre>
 */
public final class ShardHost {
  /** Makes state machines. */
  public interface Replicas {
    /** A shard's replica whose state lives in the directory. */
    ShardReplica shard(ShardId id, Path directory);

    /** The meta group's replica whose state lives in the directory. */
    MetaReplica meta(Path directory);
  }

  private final GroupIds ids;
  private final Path state;
  private final FileSystem files;
  private final Replicas replicas;
  private final NodeMap nodeMap;
  private final ConcurrentHashMap<ShardId, ShardReplica> shards = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<ShardId, Rebuildable> machines = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<ShardId, Path> checkpoints = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<ShardId, Integer> joins = new ConcurrentHashMap<>();
  private final ReplicaMarks marks;

  /** Held while a replica comes or goes, so that none is deleted while it is being opened. */
  private final ReentrantLock lifecycle = new ReentrantLock();

  private volatile @Nullable MetaReplica meta;
  private volatile @Nullable RaftNode raft;

  /**
   * @param ids names of groups
   * @param dataDir the node's data directory
   * @param files file access
   * @param replicas makes state machines
   * @param nodeMap hears of new maps from the meta replica, and tells shards of theirs
   */
  public ShardHost(GroupIds ids, Path dataDir, FileSystem files, Replicas replicas, NodeMap nodeMap)
      throws IOException {
    this.ids = ids;
    this.state = dataDir.resolve("state");
    this.files = files;
    this.replicas = replicas;
    this.nodeMap = nodeMap;
    this.marks = ReplicaMarks.open(files, dataDir);
    nodeMap.localLeaders(this::localLeader);
    nodeMap.onChange(this::tellShards);
  }

  /** Called by Raft for every group that it opens. */
  public ReplicatedStateMachine stateMachine(GroupId group) {
    ShardId shard = ids.shardOf(group);
    Path directory = state.resolve(shard.toString());
    LateGroup late = new LateGroup(group, () -> lookup(group));
    Rebuildable machine;
    if (shard.equals(ShardId.META)) {
      MetaReplica replica = replicas.meta(directory);
      replica.onChange(nodeMap::adopt);
      replica.attach(late);
      meta = replica;
      machine = replica;
    } else {
      ShardReplica replica = replicas.shard(shard, directory);
      replica.attach(late);
      shards.put(shard, replica);
      machine = replica;
    }
    Path checkpoint = checkpoints.get(shard);
    if (checkpoint != null) {
      machine.installAtOpen(checkpoint);
    }
    machines.put(shard, machine);
    return machine;
  }

  /** Gives the host its Raft node, once, right after that has started. */
  public void attach(RaftNode node) {
    raft = node;
    MetaReplica replica = meta;
    if (replica != null) {
      nodeMap.adopt(replica.map());
    }
  }

  /** Makes this node's replicas of a plan, those it has already excepted. */
  public void create(ClusterPlan plan, NodeId self) {
    if (plan.metaMembers().contains(self)) {
      raft().create(ids.of(ShardId.META), members(plan, plan.metaMembers()));
    }
    for (ShardDescriptor d : plan.descriptors()) {
      if (d.replicas().contains(self)) {
        raft().create(ids.of(d.id()), members(plan, d.replicas()));
      }
    }
  }

  private static List<RaftMember> members(ClusterPlan plan, List<NodeId> ids) {
    return ids.stream()
        .map(id -> plan.members().stream().filter(m -> m.id().equals(id)).findFirst().orElseThrow())
        .map((NodeRecord m) -> ReplacementPlanner.member(m))
        .toList();
  }

  /** Opens an empty replica that waits to be added to its group. Idempotent. */
  public void join(ShardId shard) {
    lifecycle.lock();
    try {
      joins.merge(shard, 1, Integer::sum);
      raft().join(ids.of(shard));
    } finally {
      lifecycle.unlock();
    }
  }

  /** How often this node was told to join the shard's group, since it started. */
  int joins(ShardId shard) {
    return joins.getOrDefault(shard, 0);
  }

  /**
   * Drops this node's replica with its files, which is no member, unless it was told to join again
   * meanwhile. A crash in between is made up for by {@link #finishRemovals}.
   *
   * @param joinsSeen of {@link #joins}, from before it was found out that it is no member
   */
  boolean removeStray(ShardId shard, int joinsSeen) throws IOException {
    lifecycle.lock();
    try {
      if (joins(shard) != joinsSeen) {
        return false;
      }
      marks.put(shard, new Mark(Kind.REMOVING, 0));
      remove(shard);
      marks.remove(shard);
      return true;
    } finally {
      lifecycle.unlock();
    }
  }

  /** Ends what a crash interrupted; before anybody can tell this node to join anything. */
  void finishRemovals() throws IOException {
    for (ShardId shard : marks.all(Kind.REMOVING)) {
      remove(shard);
      marks.remove(shard);
    }
  }

  /**
   * Deletes what is left of a lost replica, and opens an empty one that waits to be added; once for
   * a repair, whatever happens in between. It must have been taken out of its group before.
   */
  void rejoin(ReplicaRepair repair) throws IOException {
    lifecycle.lock();
    try {
      ShardId shard = repair.group();
      if (marks.rejoined(shard) >= repair.id()) {
        return;
      }
      marks.put(shard, new Mark(Kind.REJOINING, repair.id()));
      remove(shard);
      raft().rejoin(ids.of(shard), repair.term());
      marks.put(shard, new Mark(Kind.REJOINED, repair.id()));
    } finally {
      lifecycle.unlock();
    }
  }

  private void remove(ShardId shard) throws IOException {
    raft().remove(ids.of(shard));
    shards.remove(shard);
    machines.remove(shard);
    if (shard.equals(ShardId.META)) {
      meta = null;
    }
    Directories.deleteTree(files, state.resolve(shard.toString()));
  }

  /** Opens a replica again, with the state of the checkpoint instead of its own. */
  void rebuild(ShardId shard, Path checkpoint) {
    checkpoints.put(shard, checkpoint);
    try {
      raft().reopen(ids.of(shard));
    } finally {
      checkpoints.remove(shard);
    }
  }

  /** What is wrong with the replica here. */
  Damage damage(ShardId shard, boolean belongsHere) {
    RaftNode node = raft;
    if (node == null) {
      return Damage.NONE;
    }
    GroupId group = ids.of(shard);
    if (node.group(group) == null) {
      return belongsHere ? Damage.LOG : Damage.NONE;
    }
    if (node.lostGroups().contains(group)) {
      return node.statelessGroups().contains(group) ? Damage.STATE : Damage.LOG;
    }
    Rebuildable machine = machines.get(shard);
    return machine != null && machine.corruption() != null ? Damage.STATE : Damage.NONE;
  }

  /** Whether the replica here can not lead: failed, damaged, being rebuilt, or not there. */
  public boolean isBroken(ShardId shard, NodeId self) {
    RaftGroup group = group(shard);
    return group == null
        || !isAlive(group.status())
        || damage(shard, false) != Damage.NONE
        || nodeMap.map().repair(shard).filter(r -> r.node().equals(self)).isPresent();
  }

  /** Shards of which the map wants a replica here, or repairs one. */
  public static Set<ShardId> wanted(ShardMap map, NodeId self) {
    Set<ShardId> shards = new TreeSet<>();
    for (ShardDescriptor d : map.shards()) {
      if (RepairDecision.belongsHere(d.id(), self, map)) {
        shards.add(d.id());
      }
    }
    if (map.metaMembers().replicas().contains(self)) {
      shards.add(ShardId.META);
    }
    map.repairs().stream().filter(r -> r.node().equals(self)).forEach(r -> shards.add(r.group()));
    return shards;
  }

  /** What is being done to replicas here. */
  ReplicaMarks marks() {
    return marks;
  }

  /** File access. */
  FileSystem files() {
    return files;
  }

  /** Opens a failed replica again from its files. */
  public void reopen(ShardId shard) {
    raft().reopen(ids.of(shard));
  }

  /** The replica of a shard here, null if there is none. */
  public @Nullable ShardReplica shard(ShardId id) {
    return shards.get(id);
  }

  /** The meta group's replica here, null if there is none. */
  public @Nullable MetaReplica meta() {
    return meta;
  }

  /** The state machine of a shard or of meta, null if there is none here. */
  public @Nullable Rebuildable machine(ShardId id) {
    return machines.get(id);
  }

  /** The group of a shard or of meta, null if there is none here. */
  public @Nullable RaftGroup group(ShardId id) {
    return lookup(ids.of(id));
  }

  /** Everything here, meta first; also what could not be opened. */
  public List<ShardId> hosted() {
    TreeSet<ShardId> all = new TreeSet<>(machines.keySet());
    RaftNode node = raft;
    if (node != null) {
      node.groups().forEach(g -> all.add(ids.shardOf(g.id())));
    }
    return List.copyOf(all);
  }

  /** Shards whose replica here is gone or unreadable, see {@link RaftNode#lostGroups}. */
  public List<ShardId> lost() {
    RaftNode node = raft;
    return node == null
        ? List.of()
        : node.lostGroups().stream().map(ids::shardOf).sorted().toList();
  }

  /** The replicas of shards here. */
  public Collection<ShardReplica> shards() {
    return shards.values();
  }

  /** Names of groups. */
  public GroupIds ids() {
    return ids;
  }

  private Optional<NodeId> localLeader(ShardId shard) {
    RaftGroup group = group(shard);
    return group == null ? Optional.empty() : Optional.ofNullable(group.status().leader());
  }

  private void tellShards(ShardMap old, ShardMap now) {
    for (var entry : shards.entrySet()) {
      if (!old.shard(entry.getKey()).equals(now.shard(entry.getKey()))) {
        entry.getValue().descriptorChanged();
      }
    }
  }

  private @Nullable RaftGroup lookup(GroupId group) {
    RaftNode node = raft;
    return node == null ? null : node.group(group);
  }

  private RaftNode raft() {
    RaftNode node = raft;
    if (node == null) {
      throw new IllegalStateException("Raft has not been started");
    }
    return node;
  }

  /** Whether a role means that the replica takes part. */
  static boolean isAlive(GroupStatus status) {
    return status.role() != GroupStatus.Role.FAILED;
  }
}
