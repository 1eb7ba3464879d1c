package org.ferrisdb.integration.cluster;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.ferrisdb.node.local.LocalCluster;

/**
 * What a power cut takes away from the files of a node: the journal that {@code unsynced.c} writes,
 * which tells the format, and the undoing of what no fsync covers.
 *
 * <p><b>What a disk may lose</b> is what POSIX lets it lose, no more: content of a file that was
 * written after the last successful fsync of that file began, and names made, changed and removed
 * in a directory since the last fsync of <em>that directory</em> began. An fsync of a new file does
 * not cover its name (ext4 happens to; others need not). On the mild side of POSIX: a rename is all
 * or nothing, also from one directory to another, where a sync of either covers it; of the writes
 * to one file, and of the changes to one directory, the later ones are lost and not any; and
 * nothing is torn within a write.
 *
 * <p>For one thread, while the node does not run.
 */
final class UnsyncedJournal {
  private static final int HEADER_BYTES = 48;
  private static final int MOST_RECORD_BYTES = 1 << 30;
  private static final int BUFFER_BYTES = 1 << 20;
  private static final String KEPT = ".unsynced";

  private final Path file;
  private final Path root;

  /**
   * @param file the journal; need not be there yet
   * @param root the directory that it is about, as the node calls it
   */
  UnsyncedJournal(Path file, Path root) {
    this.file = file;
    this.root = root;
  }

  /** What the node's environment must have besides the library. */
  Map<String, String> environment() {
    return Map.of("UNSYNCED_JOURNAL", file.toString(), "UNSYNCED_ROOT", root.toString());
  }

  /** One record; {@code at} is where it begins. */
  private record Entry(long at, int kind, long a, long b, long c, long d, byte[] more) {
    String name(int which) {
      return new String(more, StandardCharsets.UTF_8).split("\0", -1)[which];
    }
  }

  /** The power is back and nothing was lost: all that is there counts as durable from now on. */
  void allIsDurable() {
    try {
      Files.deleteIfExists(file);
      LocalCluster.deleteTree(root.resolve(KEPT));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Removes a record that the node's sudden end has cut short, so that others may follow. */
  void trim() {
    if (!Files.exists(file)) {
      return;
    }
    try {
      long whole = read(_ -> {});
      try (FileChannel journal = FileChannel.open(file, StandardOpenOption.WRITE)) {
        journal.truncate(whole);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Undoes what was not durable.
   *
   * @param random how much of it: all, or the later part of what concerns a file or a directory
   * @return how much was undone, by kind; empty if all was durable
   */
  Map<String, Long> lose(Random random) {
    boolean all = random.nextBoolean();
    try {
      Open open = new Open();
      if (Files.exists(file)) {
        long _ = read(open::step);
      }
      Map<String, Long> lost = new TreeMap<>();
      Map<Long, Path> files = files();
      open.contents()
          .forEach((inode, writes) -> {
            Path of = files.get(inode);
            if (of != null) {
              writeBack(of, writes.subList(all ? 0 : random.nextInt(writes.size()), writes.size()));
              lost.merge("files", 1L, Long::sum);
            }
          });
      List<Entry> names = new ArrayList<>();
      open.names()
          .values()
          .forEach(changes ->
              names.addAll(
                  changes.subList(all ? 0 : random.nextInt(changes.size()), changes.size())));
      names.sort((one, other) -> Long.compare(other.at, one.at));
      for (Entry change : names) {
        takeBack(change);
        lost.merge("names", 1L, Long::sum);
      }
      allIsDurable();
      return lost;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // ---- what is not durable ----------------------------------------------------------------------

  /** All whole records in their order; returns where the last of them ends. */
  private long read(Consumer<Entry> each) throws IOException {
    long at = 0;
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES)) {
      byte[] bytes = in.readNBytes(HEADER_BYTES);
      while (bytes.length == HEADER_BYTES) {
        ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        long length = header.getLong(0);
        if (length < HEADER_BYTES || length > MOST_RECORD_BYTES) {
          return at;
        }
        byte[] more = in.readNBytes((int) length - HEADER_BYTES);
        if (more.length != length - HEADER_BYTES) {
          return at;
        }
        each.accept(
            new Entry(
                at,
                (int) header.getLong(8),
                header.getLong(16),
                header.getLong(24),
                header.getLong(32),
                header.getLong(40),
                more));
        at += length;
        bytes = in.readNBytes(HEADER_BYTES);
      }
    }
    return at;
  }

  /** What no fsync has covered so far, while the journal is read from its beginning. */
  private static final class Open {
    /** Writes in their order, by inode. */
    private final Map<Long, List<Entry>> writes = new TreeMap<>();

    /** Changes of names, by where their records begin. */
    private final Map<Long, Entry> changes = new TreeMap<>();

    void step(Entry e) {
      switch (e.kind) {
        case 'W' -> writes.computeIfAbsent(e.a, _ -> new ArrayList<>()).add(e);
        case 'N' -> writes.remove(e.a);
        case 'X' -> changes.remove(e.a);
        case 'S' -> {
          writes.getOrDefault(e.a, new ArrayList<>()).removeIf(w -> w.at < e.b);
          changes.values().removeIf(c -> c.at < e.b && isIn(c, e.a));
        }
        default -> changes.put(e.at, e);
      }
    }

    private static boolean isIn(Entry change, long directory) {
      return change.a == directory || (change.kind == 'R' && change.b == directory);
    }

    Map<Long, List<Entry>> contents() {
      writes.values().removeIf(List::isEmpty);
      return writes;
    }

    /** Changes of names in their order, by directory. */
    Map<Long, List<Entry>> names() {
      Map<Long, List<Entry>> byDirectory = new TreeMap<>();
      changes
          .values()
          .forEach(c -> byDirectory.computeIfAbsent(c.a, _ -> new ArrayList<>()).add(c));
      return byDirectory;
    }
  }

  // ---- undoing it -------------------------------------------------------------------------------

  private Map<Long, Path> files() throws IOException {
    Map<Long, Path> files = new HashMap<>();
    try (Stream<Path> walk = Files.walk(root)) {
      for (Path path : (Iterable<Path>) walk.filter(Files::isRegularFile)::iterator) {
        files.put((Long) Files.getAttribute(path, "unix:ino"), path);
      }
    }
    return files;
  }

  private static void writeBack(Path file, List<Entry> writes) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (Entry write : writes.reversed()) {
        byte[] before = write.more.length > 0 ? write.more : new byte[(int) write.d];
        ByteBuffer rest = ByteBuffer.wrap(before);
        while (rest.hasRemaining()) {
          channel.write(rest, write.b + rest.position());
        }
        channel.truncate(write.c);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * As far as it is possible: what lies in a directory that a later name stands for is left alone.
   */
  private void takeBack(Entry change) throws IOException {
    Path path = Path.of(change.name(0));
    Path lost = root.resolve(KEPT).resolve(change.a + "-" + change.at);
    switch (change.kind) {
      case 'C' -> Files.deleteIfExists(path);
      case 'M' -> LocalCluster.deleteTree(path);
      case 'L' -> Files.deleteIfExists(Path.of(change.name(1)));
      case 'U' -> bring(lost, path);
      case 'D' -> {
        if (isFree(path)) {
          Files.createDirectory(path);
        }
      }
      default -> {
        Path now = Path.of(change.name(1));
        if (Files.exists(now) && isFree(path)) {
          Files.move(now, path, StandardCopyOption.ATOMIC_MOVE);
          bring(lost, now);
        }
      }
    }
  }

  private static void bring(Path lost, Path back) throws IOException {
    if (Files.exists(lost) && isFree(back)) {
      Files.createLink(back, lost);
    }
  }

  private static boolean isFree(Path name) {
    return !Files.exists(name) && Files.isDirectory(name.resolveSibling(""));
  }
}
