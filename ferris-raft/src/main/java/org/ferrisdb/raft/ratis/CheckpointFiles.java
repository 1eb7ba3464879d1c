package org.ferrisdb.raft.ratis;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.ferrisdb.raft.CheckpointFetcher;
import org.ferrisdb.raft.GroupId;
import org.ferrisdb.raft.RaftMember;
import org.ferrisdb.raft.RaftPosition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's directory for checkpoints that are being fetched: one directory below it for each
 * attempt. What a process that died has left there is of no use to anyone. Thread-safe.
 */
final class CheckpointFiles implements CheckpointInstaller.Source {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointFiles.class);

  private final Path root;
  private final CheckpointFetcher fetcher;
  private final AtomicLong attempts = new AtomicLong();

  private CheckpointFiles(Path root, CheckpointFetcher fetcher) {
    this.root = root;
    this.fetcher = fetcher;
  }

  /** Begins with an empty directory. The caller syncs the one above it. */
  static CheckpointFiles empty(Path root, CheckpointFetcher fetcher) throws IOException {
    FileTree.delete(root);
    Files.createDirectories(root);
    return new CheckpointFiles(root, fetcher);
  }

  @Override
  public Path newDirectory(GroupId group) {
    return root.resolve(group + "-" + attempts.incrementAndGet());
  }

  @Override
  public RaftPosition fetch(GroupId group, RaftMember from, Path target) throws IOException {
    return fetcher.fetch(group, from, target);
  }

  @Override
  public void discard(Path target) {
    try {
      FileTree.delete(target);
    } catch (IOException e) {
      LOG.warn("can not delete {}", target, e);
    }
  }
}
