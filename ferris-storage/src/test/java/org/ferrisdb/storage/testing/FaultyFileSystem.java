package org.ferrisdb.storage.testing;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import org.ferrisdb.storage.io.FileSystem;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that takes "durable" literally. It keeps apart what is synced and what is not,
 * for the bytes of each file and for the names in each directory, and {@link #crash} drops the
 * rest. Every operation that changes something has a number, and at any number it can crash or
 * fail.
 *
 * <p>Safe for many threads; with {@code StorageResources.inline} the numbers are the same in every
 * run.
 */
public final class FaultyFileSystem implements FileSystem {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final TreeMap<Path, Node> live = new TreeMap<>();
  private final TreeMap<Path, Node> durable = new TreeMap<>();

  /** Directories that were renamed, new name to old, as long as that is not durable. */
  private final TreeMap<Path, Path> renamed = new TreeMap<>();

  private final Map<Path, OpenLock> locks = new HashMap<>();
  private final List<String> log = new ArrayList<>();
  private long operations;
  private long crashAt = Long.MAX_VALUE;
  private long failAt = Long.MAX_VALUE;
  private long budget = Long.MAX_VALUE;
  private boolean crashed;
  private int generation;
  private Consumer<String> beforeEach = what -> {};
  private LongPredicate wanted = operation -> false;
  private @Nullable Witness witness;

  /** A file's content, or a directory. Append-only, so what is synced is a prefix. */
  private static final class Node {
    final boolean directory;
    byte[] data = new byte[0];
    int size;
    int synced;

    Node(boolean directory) {
      this.directory = directory;
    }

    Node copy() {
      Node copy = new Node(directory);
      copy.data = Arrays.copyOf(data, size);
      copy.size = size;
      copy.synced = synced;
      return copy;
    }

    void append(ByteBuffer bytes, int count) {
      if (data.length < size + count) {
        data = Arrays.copyOf(data, 2 * (size + count));
      }
      bytes.get(data, size, count);
      size += count;
    }

    @Override
    public String toString() {
      return directory
          ? "directory"
          : "%d bytes, %d synced, %x".formatted(size, synced, Arrays.hashCode(copy().data));
    }
  }

  /** Whoever wants to know what a crash would leave. */
  private interface Witness {
    void see(long operation, FaultyFileSystem left);
  }

  // ---- faults

  /** Operations so far. */
  public synchronized long operations() {
    return operations;
  }

  /** What each operation was, from the first. */
  public synchronized List<String> log() {
    return List.copyOf(log);
  }

  /** The operation with this number (from 1) and all after it fail, until {@link #crash}. */
  public synchronized void crashAt(long operation) {
    crashAt = operation;
  }

  /** The operation with this number fails, half done, and the next ones work again. */
  public synchronized void failAt(long operation) {
    failAt = operation;
  }

  /**
   * Gives copies of the disk as {@link #crashAt} would leave it, before {@link #crash}, at each of
   * the wanted operations, while the run goes on: cheaper than as many runs. It is called amid the
   * operation, and must not use this disk.
   */
  public synchronized void witness(
      LongPredicate operations, BiConsumer<Long, FaultyFileSystem> action) {
    wanted = operations;
    witness = action::accept;
  }

  /** What is on it and what of that is durable, in words that are the same for the same disk. */
  public synchronized String content() {
    return live + "\n" + durable + "\n" + renamed;
  }

  /** Runs before each operation that changes something and is told which; it may throw an error. */
  public synchronized void beforeEach(Consumer<String> action) {
    beforeEach = action;
  }

  /** Room for that many bytes in all files; appends over it fail as on a full disk. */
  public synchronized void setBudget(long bytes) {
    budget = bytes;
  }

  /** Whether the crash that {@link #crashAt} set has come. */
  public synchronized boolean crashed() {
    return crashed;
  }

  /**
   * The power goes. Without a generator exactly what was synced stays; with one, of what was not
   * synced a random part has reached the disk anyway. Open files are dead afterwards.
   */
  public synchronized void crash(@Nullable Random random) {
    if (random != null) {
      Set<Path> changed = new java.util.TreeSet<>(live.keySet());
      changed.addAll(durable.keySet());
      for (Path path : changed) {
        boolean inRenamed = renamed.values().stream().anyMatch(old -> isBelow(path, old));
        if (live.get(path) != durable.get(path) && !inRenamed && random.nextBoolean()) {
          makeNameDurable(path);
        }
      }
    }
    // In the order of their names: the generator's numbers must go to the same files in every run.
    Set<Node> nodes = new LinkedHashSet<>(live.values());
    nodes.addAll(durable.values());
    for (Node node : nodes) {
      loseBytes(node, random);
    }
    live.clear();
    for (Map.Entry<Path, Node> entry : durable.entrySet()) {
      Path parent = entry.getKey().getParent();
      if (parent == null || parent.getParent() == null || live.containsKey(parent)) {
        live.put(entry.getKey(), entry.getValue());
      }
    }
    durable.keySet().retainAll(live.keySet());
    renamed.clear();
    kill();
  }

  /**
   * The process dies and the power stays: what was written is there, synced or not. Open files are
   * dead afterwards.
   */
  public synchronized void kill() {
    crashAt = Long.MAX_VALUE;
    failAt = Long.MAX_VALUE;
    crashed = false;
    locks.clear();
    generation++;
  }

  private static void loseBytes(Node node, @Nullable Random random) {
    int size = node.synced;
    int lost = node.size - node.synced;
    if (random != null && lost > 0) {
      size += random.nextInt(lost + 1);
      if (random.nextInt(4) == 0) { // the length reached the disk, a part of the bytes did not
        int from = node.synced + random.nextInt(lost);
        int to = Math.min(node.size, from + 1 + random.nextInt(64));
        boolean zeros = random.nextBoolean(); // or what the sectors held before
        for (int at = from; at < to; at++) {
          node.data[at] = zeros ? 0 : (byte) random.nextInt();
        }
      }
    }
    node.size = size;
    node.synced = size;
  }

  /** Flips one bit of a file, counted from its first byte's lowest bit. */
  public synchronized void flip(Path file, long bit) {
    Node node = live.get(file);
    if (node == null) {
      throw new IllegalArgumentException(file + " does not exist");
    }
    node.data = node.data.clone();
    node.data[(int) (bit / 8)] ^= (byte) (1 << (bit % 8));
  }

  /** Puts other content into a file, durable at once; whoever has it open sees it. */
  public synchronized void replace(Path file, byte[] content) {
    Node node = live.get(file);
    if (node == null) {
      throw new IllegalArgumentException(file + " does not exist");
    }
    node.data = content.clone();
    node.size = content.length;
    node.synced = content.length;
  }

  /** A copy of the file's bytes. */
  public synchronized byte[] bytes(Path file) {
    Node node = live.get(file);
    if (node == null) {
      throw new IllegalArgumentException(file + " does not exist");
    }
    return Arrays.copyOf(node.data, node.size);
  }

  /** Another file system with the same files, as durable as here. */
  public synchronized FaultyFileSystem copy() {
    return copy(new IdentityHashMap<>());
  }

  private FaultyFileSystem copy(IdentityHashMap<Node, Node> nodes) {
    FaultyFileSystem copy = new FaultyFileSystem();
    live.forEach((path, node) -> copy.live.put(path, nodes.computeIfAbsent(node, Node::copy)));
    durable.forEach(
        (path, node) -> copy.durable.put(path, nodes.computeIfAbsent(node, Node::copy)));
    copy.renamed.putAll(renamed);
    return copy;
  }

  /** Bytes of all files, each counted once however many names it has. */
  public synchronized long usedBytes() {
    Set<Node> nodes = Collections.newSetFromMap(new IdentityHashMap<>());
    nodes.addAll(live.values());
    return nodes.stream().mapToLong(node -> node.size).sum();
  }

  /** Counts an operation; true if it is to fail after it has done the half of its work. */
  private boolean begin(String what) throws IOException {
    if (crashed) {
      throw new IOException("crashed");
    }
    operations++;
    log.add(what);
    beforeEach.accept(what);
    if (operations >= crashAt) {
      crashed = true;
    }
    return crashed || operations == failAt;
  }

  private IOException fault(String what) {
    return new IOException((crashed ? "crashed at " : "injected failure of ") + what);
  }

  /** Tells the witness what there would be if the operation got half as far. */
  private void tell(@Nullable Node appendedTo, ByteBuffer bytes, int count) {
    Witness told = witness;
    if (told != null && wanted.test(operations)) {
      IdentityHashMap<Node, Node> nodes = new IdentityHashMap<>();
      FaultyFileSystem left = copy(nodes);
      if (appendedTo != null) {
        // A file that was deleted while it is open is none of the copy's.
        nodes.computeIfAbsent(appendedTo, Node::copy).append(bytes.duplicate(), count);
      }
      told.see(operations, left);
    }
  }

  private void change(String what) throws IOException {
    boolean fails = begin(what);
    tell(null, NOTHING, 0);
    if (fails) {
      throw fault(what);
    }
  }

  private void makeNameDurable(Path path) {
    renamed
        .entrySet()
        .removeIf(rename -> {
          boolean concerned = path.equals(rename.getKey()) || path.equals(rename.getValue());
          if (concerned) {
            move(durable, rename.getValue(), rename.getKey());
            if (!live.containsKey(rename.getKey())) {
              durable.remove(rename.getKey());
            }
          }
          return concerned;
        });
    Node node = live.get(path);
    if (node == null) {
      durable.remove(path);
    } else {
      durable.put(path, node);
    }
  }

  private static boolean isBelow(Path path, Path directory) {
    return path.startsWith(directory) && !path.equals(directory);
  }

  /** Gives a directory and all in it another name. */
  private static void move(Map<Path, Node> names, Path from, Path to) {
    for (Path path : List.copyOf(names.keySet())) {
      if (path.startsWith(from)) {
        Node node = Objects.requireNonNull(names.remove(path));
        names.put(path.equals(from) ? to : to.resolve(from.relativize(path)), node);
      }
    }
  }

  private Node node(Path path) throws NoSuchFileException {
    Node node = live.get(path);
    if (node == null) {
      throw new NoSuchFileException(path.toString());
    }
    return node;
  }

  // ---- FileSystem

  @Override
  public synchronized WritableFile create(Path file) throws IOException {
    change("create " + file);
    if (live.containsKey(file)) {
      throw new FileAlreadyExistsException(file.toString());
    }
    requireDirectory(file.getParent());
    Node node = new Node(false);
    live.put(file, node);
    OpenForAppend created = new OpenForAppend(file, node, generation);
    Leaks.opened(created, file);
    return created;
  }

  private void requireDirectory(@Nullable Path directory) throws IOException {
    if (directory == null || directory.getParent() == null) {
      return;
    }
    Node node = live.get(directory);
    if (node == null || !node.directory) {
      throw new NoSuchFileException(directory + " is not a directory");
    }
  }

  @Override
  public synchronized ReadableFile open(Path file) throws IOException {
    if (crashed) {
      throw new IOException("crashed");
    }
    Node node = live.get(file);
    if (node == null || node.directory) {
      throw new FileNotFoundException(file.toString());
    }
    OpenForRead opened = new OpenForRead(node, generation);
    Leaks.opened(opened, file);
    return opened;
  }

  @Override
  public synchronized void createDirectories(Path directory) throws IOException {
    if (directory.getParent() == null || live.containsKey(directory)) {
      return;
    }
    createDirectories(directory.getParent());
    change("mkdir " + directory);
    live.put(directory, new Node(true));
  }

  @Override
  public synchronized List<String> list(Path directory) throws IOException {
    requireDirectory(directory);
    return live.keySet().stream()
        .filter(path -> directory.equals(path.getParent()))
        .map(path -> String.valueOf(path.getFileName()))
        .sorted()
        .toList();
  }

  @Override
  public synchronized boolean exists(Path path) {
    return path.getParent() == null || live.containsKey(path);
  }

  @Override
  public synchronized void rename(Path from, Path to) throws IOException {
    change("rename " + from + " " + to);
    if (node(from).directory) {
      renameDirectory(from, to);
    } else {
      live.put(to, node(from));
      live.remove(from);
    }
  }

  private void renameDirectory(Path from, Path to) throws IOException {
    if (live.containsKey(to)) {
      throw new FileAlreadyExistsException(to.toString());
    }
    move(live, from, to);
    if (!to.equals(renamed.remove(from))) { // else it is renamed back
      renamed.put(to, from);
    }
  }

  @Override
  public synchronized @Nullable Lock lock(Path file) throws IOException {
    change("lock " + file);
    requireDirectory(file.getParent());
    if (locks.containsKey(file)) {
      return null;
    }
    live.computeIfAbsent(file, f -> new Node(false));
    OpenLock lock = new OpenLock(file);
    locks.put(file, lock);
    Leaks.opened(lock, file);
    return lock;
  }

  @Override
  public synchronized void link(Path existing, Path name) throws IOException {
    change("link " + existing + " " + name);
    if (live.containsKey(name)) {
      throw new FileAlreadyExistsException(name.toString());
    }
    requireDirectory(name.getParent());
    live.put(name, node(existing));
  }

  @Override
  public synchronized void delete(Path path) throws IOException {
    change("delete " + path);
    if (node(path).directory && !list(path).isEmpty()) {
      throw new IOException(path + " is not empty");
    }
    live.remove(path);
  }

  @Override
  public synchronized void syncFile(Path file) throws IOException {
    change("sync " + file);
    Node node = node(file);
    node.synced = node.size;
  }

  @Override
  public synchronized void syncDirectory(Path directory) throws IOException {
    change("syncdir " + directory);
    requireDirectory(directory);
    Set<Path> names = new java.util.TreeSet<>(live.keySet());
    names.addAll(durable.keySet());
    names.stream()
        .filter(path -> directory.equals(path.getParent()))
        .forEach(this::makeNameDurable);
  }

  /** After a crash its file is somebody else's. */
  private final class OpenLock implements Lock {
    private final Path file;

    OpenLock(Path file) {
      this.file = file;
    }

    @Override
    public void close() {
      synchronized (FaultyFileSystem.this) {
        locks.remove(file, this);
        Leaks.closed(this);
      }
    }
  }

  private final class OpenForAppend implements WritableFile {
    private final Path path;
    private final Node node;
    private final int bornIn;

    OpenForAppend(Path path, Node node, int bornIn) {
      this.path = path;
      this.node = node;
      this.bornIn = bornIn;
    }

    private void requireAlive() throws IOException {
      if (generation != bornIn) {
        throw new IOException(path + ": opened before the crash");
      }
    }

    @Override
    public void append(ByteBuffer bytes) throws IOException {
      synchronized (FaultyFileSystem.this) {
        requireAlive();
        int wanted = bytes.remaining();
        String what = "append " + path + " " + wanted;
        boolean fails = begin(what);
        long room = budget == Long.MAX_VALUE ? budget : Math.max(0, budget - usedBytes());
        tell(node, bytes, (int) Math.min(wanted / 2, room));
        int count = (int) Math.min(fails ? wanted / 2 : wanted, room);
        node.append(bytes, count);
        if (fails) {
          throw fault(what);
        }
        if (count < wanted) {
          throw new IOException("No space left on device");
        }
      }
    }

    @Override
    public void sync() throws IOException {
      synchronized (FaultyFileSystem.this) {
        requireAlive();
        change("sync " + path);
        node.synced = node.size;
      }
    }

    @Override
    public long size() {
      synchronized (FaultyFileSystem.this) {
        return node.size;
      }
    }

    @Override
    public void close() {
      Leaks.closed(this);
    }
  }

  private final class OpenForRead implements ReadableFile {
    private final Node node;
    private final int bornIn;

    OpenForRead(Node node, int bornIn) {
      this.node = node;
      this.bornIn = bornIn;
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
      synchronized (FaultyFileSystem.this) {
        if (generation != bornIn || crashed) {
          throw new IOException("opened before the crash");
        }
        int count = (int) Math.max(0, Math.min(into.remaining(), node.size - position));
        into.put(node.data, (int) position, count);
        return count;
      }
    }

    @Override
    public long size() {
      synchronized (FaultyFileSystem.this) {
        return node.size;
      }
    }

    @Override
    public void close() {
      Leaks.closed(this);
    }
  }
}
