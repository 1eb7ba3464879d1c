package org.ferrisdb.shard.simulation;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.ferrisdb.raft.RaftPosition;
import org.ferrisdb.raft.ReplicatedStateMachine;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.testing.FaultyFileSystem;
import org.jspecify.annotations.Nullable;

/**
 * A state on its way from one node to another.
 *
 * @param position what it holds
 * @param files its files by name
 */
record SimCheckpoint(RaftPosition position, Map<String, byte[]> files) {
  /** Has the state machine write one and reads it; null if the disk fails. */
  static @Nullable SimCheckpoint take(ReplicatedStateMachine machine, SimNode node, String name) {
    FaultyFileSystem disk = node.files;
    Path directory = Path.of("/", name);
    try {
      RaftPosition position = machine.checkpoint(directory);
      Map<String, byte[]> files = new TreeMap<>();
      for (String file : disk.list(directory)) {
        files.put(file, disk.bytes(directory.resolve(file)));
      }
      delete(disk, directory);
      return new SimCheckpoint(position, files);
    } catch (IOException | StorageException e) {
      failed(node, "taking a checkpoint", e);
      return null;
    }
  }

  /**
   * Puts it in the place of the state machine's state; returns what that then says it holds, null
   * if the disk fails: then the node dies at the end of this event.
   */
  @Nullable RaftPosition install(ReplicatedStateMachine machine, SimNode node, String name) {
    FaultyFileSystem disk = node.files;
    Path directory = Path.of("/", name);
    try {
      disk.createDirectories(directory);
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        try (FileSystem.WritableFile out = disk.create(directory.resolve(file.getKey()))) {
          out.append(ByteBuffer.wrap(file.getValue()));
          out.sync();
        }
      }
      disk.syncDirectory(directory);
      RaftPosition installed = machine.install(directory);
      delete(disk, directory);
      return installed;
    } catch (IOException | StorageException e) {
      failed(node, "installing a checkpoint", e);
      return null;
    }
  }

  private static void failed(SimNode node, String what, Exception e) {
    if (!node.files.crashed()) {
      node.world.violation("%s on node %d failed: %s", what, node.id, Failures.text(e));
    }
  }

  private static void delete(FileSystem disk, Path directory) throws IOException {
    for (String file : disk.list(directory)) {
      disk.delete(directory.resolve(file));
    }
    disk.delete(directory);
  }
}
