package org.ferrisdb.shard.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.ferrisdb.storage.AppliedPosition;
import org.ferrisdb.storage.StorageEngine;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.StorageOptions;
import org.ferrisdb.storage.StorageResources;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.manifest.FileNames;
import org.jspecify.annotations.Nullable;

/**
 * The directory of a replica, and which engine in it counts.
 *
 * <pre>
 *   directory/CURRENT          one line: the name of the engine's directory, "state-000001"
 *   directory/state-000001/    the engine
 *   directory/state-000002/    a checkpoint being put in place, or what a crash left of one
 *   directory/DAMAGED          the name of a state that was found corrupt, and why
 * </pre>
 *
 * <p>A state is replaced by writing the new one beside the old and renaming a new CURRENT over the
 * old: a crash leaves the one or the other. What CURRENT does not name is deleted at open. A state
 * that DAMAGED names is not opened again: only a checkpoint of another replica gets the shard out.
 *
 * <p>{@link #engine} may be called from any thread; the rest from one at a time.
 */
public final class ShardStore implements AutoCloseable {
  private static final String CURRENT = "CURRENT";
  private static final String DAMAGED = "DAMAGED";
  private static final int MAX_LINE = 250;
  private static final Pattern STATE = Pattern.compile("state-\\d{6,}");

  private final FileSystem files;
  private final Path directory;
  private final StorageOptions options;
  private final StorageResources resources;
  private volatile @Nullable StorageEngine engine;
  private volatile String current = "";

  /** A directory that is to be opened. Data shards and the meta group each have one. */
  public ShardStore(
      FileSystem files, Path directory, StorageOptions options, StorageResources resources) {
    this.files = files;
    this.directory = directory;
    this.options = options;
    this.resources = resources;
  }

  /** Opens the engine that counts, a new one if there is none. */
  public StorageEngine open() {
    close();
    try {
      files.createDirectories(directory);
      if (files.exists(directory.resolve(CURRENT))) {
        current = readLine(directory.resolve(CURRENT));
        requireState(current);
        refuseDamaged();
        deleteOthers();
        return openEngine();
      }
      current = "";
      deleteOthers();
      current = name(1);
      files.createDirectories(directory.resolve(current));
      StorageEngine opened = openEngine();
      files.syncDirectory(directory);
      writeLine(CURRENT, current);
      Path parent = directory.getParent();
      if (parent != null) {
        files.syncDirectory(parent);
      }
      return opened;
    } catch (IOException e) {
      close(); // it may be open already, and would keep its directory from the next attempt
      throw new StorageException.IoFailure("cannot open the shard in " + directory, e);
    }
  }

  private static void requireState(String name) {
    if (!STATE.matcher(name).matches()) {
      throw new StorageException.Corruption(CURRENT + " does not name a state: " + name);
    }
  }

  private void refuseDamaged() throws IOException {
    Path mark = directory.resolve(DAMAGED);
    if (!files.exists(mark)) {
      return;
    }
    String line = readLine(mark);
    if (line.startsWith(current + " ")) {
      throw new StorageException.Corruption(directory + ": found corrupt earlier: " + line);
    }
    files.delete(mark); // of a state that has been replaced
  }

  /**
   * Remembers that the present state is corrupt, over restarts: what was found once by a read might
   * not be found by the next opening.
   */
  public void markDamaged(String reason) throws IOException {
    String line = current + " " + reason.replaceAll("\\s+", " ");
    files.createDirectories(directory);
    writeLine(DAMAGED, line.substring(0, Math.min(line.length(), MAX_LINE)));
  }

  private StorageEngine openEngine() {
    StorageEngine opened =
        StorageEngine.open(files, directory.resolve(current), options, resources);
    engine = opened;
    return opened;
  }

  /** The engine that counts now. */
  public StorageEngine engine() {
    StorageEngine e = engine;
    if (e == null) {
      throw new StorageException.Closed("the shard in " + directory + " is closed");
    }
    return e;
  }

  /**
   * Replaces the state by the checkpoint, whose files are linked, not moved. Readers of the old
   * engine get {@link StorageException.Closed}. The old one need not be open, nor whole.
   */
  public StorageEngine install(Path checkpoint) {
    try {
      files.createDirectories(directory);
      String next = name(unused());
      Path target = directory.resolve(next);
      link(checkpoint, target);
      files.syncDirectory(directory);
      close();
      writeLine(CURRENT, next);
      current = next;
      refuseDamaged(); // the mark is about the old one, and goes
      StorageEngine opened = openEngine();
      deleteOthers();
      return opened;
    } catch (IOException e) {
      throw new StorageException.IoFailure("cannot install a checkpoint in " + directory, e);
    }
  }

  /** What background work found corrupt; null if nothing, or if no engine is open. */
  public StorageException.@Nullable Corruption corruption() {
    StorageEngine e = engine;
    return e == null ? null : e.corruption();
  }

  /** A complete, verified copy of the engine in a directory that does not exist. */
  public AppliedPosition checkpoint(Path target) {
    AppliedPosition position = engine().checkpoint(target).position();
    // Whoever fetches it trusts the checksums of its blocks, and may have nothing else.
    StorageEngine.verify(files, target);
    return position;
  }

  /**
   * A number no state has. An earlier attempt may have got as far as the new CURRENT before it
   * failed: then {@link #current} is not what a restart would find, and must not be counted from.
   */
  private long unused() throws IOException {
    long highest = current.isEmpty() ? 0 : number(current);
    for (String name : files.list(directory)) {
      if (STATE.matcher(name).matches()) {
        highest = Math.max(highest, number(name));
      }
    }
    return highest + 1;
  }

  private static long number(String name) {
    return Long.parseLong(name.substring("state-".length()));
  }

  private void link(Path from, Path to) throws IOException {
    files.createDirectories(to);
    for (String name : files.list(from)) {
      if (!name.equals(FileNames.LOCK)) { // somebody has opened it: a lock is of one directory
        files.link(from.resolve(name), to.resolve(name));
      }
    }
    files.syncDirectory(to);
  }

  private String readLine(Path path) throws IOException {
    try (FileSystem.ReadableFile file = files.open(path)) {
      ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(file.size(), 256));
      int length = file.read(bytes, 0);
      return new String(bytes.array(), 0, length, StandardCharsets.UTF_8).strip();
    }
  }

  private void writeLine(String name, String line) throws IOException {
    Path temporary = directory.resolve(name + ".new");
    if (files.exists(temporary)) {
      files.delete(temporary);
    }
    try (FileSystem.WritableFile file = files.create(temporary)) {
      file.append(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
      file.sync();
    }
    files.rename(temporary, directory.resolve(name));
    files.syncDirectory(directory);
  }

  private void deleteOthers() throws IOException {
    for (String name : files.list(directory)) {
      if (STATE.matcher(name).matches() && !name.equals(current)) {
        deleteTree(directory.resolve(name));
      }
    }
  }

  private void deleteTree(Path tree) throws IOException {
    if (!files.exists(tree)) {
      return;
    }
    for (String name : files.list(tree)) {
      files.delete(tree.resolve(name));
    }
    files.delete(tree);
  }

  private static String name(long number) {
    return String.format("state-%06d", number);
  }

  @Override
  public void close() {
    StorageEngine e = engine;
    engine = null;
    if (e != null) {
      e.close();
    }
  }
}
