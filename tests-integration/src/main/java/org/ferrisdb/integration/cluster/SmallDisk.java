package org.ferrisdb.integration.cluster;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file system of its own for one directory, so that it can be full: ext4 in a sparse file,
 * mounted by loop. Real in all that matters: its own free space, real fsyncs, blocks that are
 * allocated late.
 */
final class SmallDisk implements AutoCloseable {
  /** More than a node writes in a long run; takes no room until then. */
  private static final long BYTES = 4L << 30;

  /** Left free when it is full: less than nodes want to keep in reserve. */
  private static final long LEFT_BYTES = 256 << 10;

  private final Path image;
  private final Path directory;

  private SmallDisk(Path image, Path directory) {
    this.image = image;
    this.directory = directory;
  }

  /** Why there can be none here; tries it. */
  static Optional<String> unavailable() {
    if (!Commands.isRoot()) {
      return Optional.of("needs root, to mount a small file system for each node: run it as root");
    }
    try {
      Path place = Files.createTempDirectory("ferris-mount-");
      try (SmallDisk _ = mount(place.resolve("image"), place.resolve("disk"))) {
        return Optional.empty();
      } finally {
        Files.deleteIfExists(place.resolve("disk"));
        Files.deleteIfExists(place.resolve("image"));
        Files.deleteIfExists(place);
      }
    } catch (IOException | UncheckedIOException e) {
      return Optional.of("needs a loop-mounted ext4, which fails here: " + e.getMessage());
    }
  }

  /** Makes one over a directory that is empty or not there yet. */
  static SmallDisk mount(Path image, Path directory) {
    try {
      Files.createDirectories(directory);
      try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
        file.setLength(BYTES);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    // No blocks kept for root, and no directory lost+found in a node's data.
    String _ = Commands.require("mkfs.ext4", "-q", "-F", "-m", "0", image.toString());
    String _ =
        Commands.require("mount", "-o", "loop,noatime", image.toString(), directory.toString());
    String _ = Commands.require("rmdir", directory.resolve("lost+found").toString());
    return new SmallDisk(image, directory);
  }

  private Path ballast() {
    return directory.resolve("ballast");
  }

  /** Leaves next to nothing free. */
  void fill() {
    try (RandomAccessFile file = new RandomAccessFile(ballast().toFile(), "rw")) {
      // In steps, since the node takes and gives back while we fill.
      for (int round = 0; round < 20; round++) {
        long free = Files.getFileStore(directory).getUsableSpace() - LEFT_BYTES;
        if (free <= 0) {
          return;
        }
        long length = file.length() + Math.max(free * 9 / 10, 4096);
        Commands.Result _ =
            Commands.run("fallocate", "-l", Long.toString(length), ballast().toString());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Gives the room back. */
  void free() {
    try {
      Files.deleteIfExists(ballast());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean isFull() {
    return Files.exists(ballast());
  }

  /** Unmounts it, whoever still has files open there, and removes it. */
  @Override
  public void close() {
    Commands.Result _ = Commands.run("umount", "-l", directory.toString());
    try {
      Files.deleteIfExists(image);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
