package org.ferrisdb.node.cluster;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.ferrisdb.raft.NodeId;
import org.ferrisdb.raft.NodeIdentity;
import org.ferrisdb.storage.io.FileSystem;
import org.jspecify.annotations.Nullable;

/**
 * {@link Membership} in the data directory: the identity file and the plan file. The plan is
 * written first, so that a crash between the two leaves a plan, from which the identity follows;
 * never a member without the plan it was made from.
 */
public final class DiskMembership implements Membership {
  private final Path directory;
  private final PlanFile planFile;
  private NodeIdentity identity;
  private PlanFile.@Nullable Content content;

  private DiskMembership(
      Path directory,
      PlanFile planFile,
      NodeIdentity identity,
      PlanFile.@Nullable Content content) {
    this.directory = directory;
    this.planFile = planFile;
    this.identity = identity;
    this.content = content;
  }

  /** Reads the directory, or makes a fresh node of it. The caller holds the directory's lock. */
  public static DiskMembership open(FileSystem files, Path directory, RandomGenerator random)
      throws IOException {
    NodeIdentity identity = NodeIdentity.openOrDraw(directory, random);
    PlanFile planFile = new PlanFile(files, directory);
    PlanFile.Content content = planFile.read().orElse(null);
    if (content != null) {
      identity = identity.joined(content.plan().cluster(), directory);
    }
    return new DiskMembership(directory, planFile, identity, content);
  }

  /** Who this node is. */
  public synchronized NodeId nodeId() {
    return identity.nodeId();
  }

  @Override
  public synchronized Optional<UUID> cluster() {
    return Optional.ofNullable(identity.clusterId());
  }

  @Override
  public synchronized Optional<ClusterPlan> plan() {
    return Optional.ofNullable(content).map(PlanFile.Content::plan);
  }

  @Override
  public synchronized boolean created() {
    return content != null && content.created();
  }

  @Override
  public synchronized void accept(ClusterPlan plan) throws IOException {
    if (identity.clusterId() != null) {
      if (!plan.cluster().equals(identity.clusterId())) {
        throw new IOException("this node belongs to cluster " + identity.clusterId());
      }
      return;
    }
    PlanFile.Content accepted = new PlanFile.Content(plan, false);
    planFile.write(accepted);
    content = accepted;
    identity = identity.joined(plan.cluster(), directory);
  }

  @Override
  public synchronized void join(UUID cluster) throws IOException {
    identity = identity.joined(cluster, directory);
  }

  @Override
  public synchronized void setCreated() throws IOException {
    PlanFile.Content now = content;
    if (now != null && !now.created()) {
      PlanFile.Content created = new PlanFile.Content(now.plan(), true);
      planFile.write(created);
      content = created;
    }
  }
}
