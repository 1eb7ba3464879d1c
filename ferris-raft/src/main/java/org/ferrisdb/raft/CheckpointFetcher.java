package org.ferrisdb.raft;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Brings a checkpoint of a group from another node, over the cluster's own channel. Supplied by
 * whoever starts the {@link RaftNode}.
 */
@FunctionalInterface
public interface CheckpointFetcher {
  /**
   * Copies a fresh checkpoint of the group's state from the node into {@code directory} (which does
   * not exist yet), verifies each file's length and all checksums, syncs files and directory, and
   * returns the checkpoint's position. Blocking; called on a platform thread.
   */
  RaftPosition fetch(GroupId group, RaftMember from, Path directory) throws IOException;
}
