package org.ferrisdb.integration.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.ferrisdb.integration.cluster.Disk.Damage;
import org.ferrisdb.integration.cluster.Disk.FileKind;

/** Damages files of a node that does not run. */
final class FileDamage {
  private FileDamage() {}

  /** What a file of a data directory is, if it is of a kind that matters. */
  static Optional<FileKind> kindOf(Path file) {
    String name = file.getFileName().toString();
    if (name.endsWith(".sst") || name.endsWith(".val")) { // a table, or what it refers to
      return Optional.of(FileKind.SSTABLE);
    }
    if (name.startsWith("MANIFEST-")) {
      return Optional.of(FileKind.MANIFEST);
    }
    return name.startsWith("log_") ? Optional.of(FileKind.RAFT_LOG) : Optional.empty();
  }

  /**
   * Damages one file: first a kind is chosen among those that are there, then a file, then a place
   * in what was written of it.
   *
   * @return what was done; empty if no file of these kinds has content
   */
  static List<String> damage(Path dataDir, Damage damage, List<FileKind> kinds, Random random) {
    try (Stream<Path> walk = Files.walk(dataDir)) {
      List<Path> files =
          walk.filter(Files::isRegularFile)
              .filter(f -> kindOf(f).filter(kinds::contains).isPresent())
              .filter(f -> written(f) > 0)
              .sorted()
              .toList();
      List<FileKind> there =
          files.stream().flatMap(f -> kindOf(f).stream()).distinct().sorted().toList();
      if (there.isEmpty()) {
        return List.of();
      }
      FileKind kind = there.get(random.nextInt(there.size()));
      List<Path> ofKind = files.stream().filter(f -> kindOf(f).equals(Optional.of(kind))).toList();
      Path file = ofKind.get(random.nextInt(ofKind.size()));
      return List.of(dataDir.relativize(file) + ": " + apply(file, damage, random));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String apply(Path file, Damage damage, Random random) throws IOException {
    int end = written(file);
    return switch (damage) {
      case FLIPPED_BIT -> {
        byte[] bytes = Files.readAllBytes(file);
        int at = random.nextInt(end);
        int bit = random.nextInt(8);
        bytes[at] ^= (byte) (1 << bit);
        Files.write(file, bytes);
        yield "bit " + bit + " of byte " + at + " of " + end;
      }
      case TRUNCATED -> {
        int length = random.nextInt(end);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
          channel.truncate(length);
        }
        yield "cut to " + length + " of " + end + " bytes";
      }
    };
  }

  /** Bytes up to the last one that is not zero: a log segment is allocated in advance. */
  private static int written(Path file) {
    try {
      byte[] bytes = Files.readAllBytes(file);
      int end = bytes.length;
      while (end > 0 && bytes[end - 1] == 0) {
        end--;
      }
      return end;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
