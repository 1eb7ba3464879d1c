package org.ferrisdb.storage;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.manifest.DurableState;
import org.ferrisdb.storage.manifest.FileNames;
import org.ferrisdb.storage.manifest.Manifest;
import org.ferrisdb.storage.manifest.TableMetadata;
import org.ferrisdb.storage.manifest.ValueFiles;
import org.ferrisdb.storage.manifest.VersionEdit;
import org.jspecify.annotations.Nullable;

/**
 * The durable state and its manifest: every change goes through {@link #commit}, one at a time.
 *
 * <p>If an append fails, nobody knows what of it is on disk. The state in memory stays as it was,
 * and the next commit writes a whole new manifest; until that is in place nothing that either
 * outcome might name is deleted.
 */
final class VersionSet implements AutoCloseable {
  private static final long MANIFEST_BYTES = 4 << 20;

  private final FileSystem files;
  private final Path directory;
  private final AtomicLong nextFileNumber;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Path> doomed = new ArrayList<>();

  /** Made beforehand, for when there is no memory to make any. */
  private final StorageException unshowable;

  private volatile DurableState state;
  private @Nullable StorageException notShown;
  private @Nullable Manifest manifest;

  /** Takes over a state and the manifest that begins with it. */
  VersionSet(FileSystem files, Path directory, DurableState state, Manifest manifest) {
    this.files = files;
    this.directory = directory;
    this.unshowable =
        new StorageException.IoFailure(
            directory
                + ": a change of tables is on disk, but could not be taken over; the engine must be"
                + " reopened",
            new IOException("a change broke off"));
    this.state = state;
    this.manifest = manifest;
    this.nextFileNumber = new AtomicLong(state.nextFileNumber());
  }

  DurableState state() {
    return state;
  }

  /** A number that no file of this engine has or had. */
  long newFileNumber() {
    return nextFileNumber.getAndIncrement();
  }

  Path path(FileNames.Kind kind, long number) {
    return directory.resolve(kind.name(number));
  }

  /**
   * Makes a change durable and then visible.
   *
   * @param change from the state to an edit, whose nextFileNumber is filled in here
   * @param install shows the new state to readers; runs before any other change. If it fails,
   *     nothing can be changed any more: the engine must be reopened
   */
  void commit(Function<DurableState, VersionEdit> change, Consumer<DurableState> install)
      throws IOException {
    lock.lock();
    try {
      if (notShown != null) {
        throw CommitPipeline.copyForThisThread(notShown);
      }
      VersionEdit wanted = change.apply(state);
      long fresh = newFileNumber(); // also the number of a new manifest, should one be due
      VersionEdit edit =
          new VersionEdit(
              fresh + 1,
              wanted.logNumber(),
              wanted.position(),
              wanted.garbageFloor(),
              wanted.removed(),
              wanted.added());
      DurableState next = state.apply(edit);
      Manifest open = manifest;
      if (open != null && open.size() < MANIFEST_BYTES) {
        append(open, edit);
      } else {
        replace(open, fresh, next);
      }
      state = next;
      show(install, next);
    } finally {
      lock.unlock();
    }
  }

  /**
   * What is durable must not be tried again, nor its files be deleted, because readers could not be
   * told of it (there was no memory, say). They keep what they have, and nothing changes any more.
   */
  private void show(Consumer<DurableState> install, DurableState next) {
    boolean shown = false;
    notShown = unshowable;
    try {
      install.accept(next);
      shown = true;
    } finally {
      if (shown) {
        notShown = null;
      }
    }
  }

  private void append(Manifest open, VersionEdit edit) throws IOException {
    try {
      open.append(edit);
    } catch (IOException | RuntimeException | Error e) {
      doomed.add(path(FileNames.Kind.MANIFEST, open.number()));
      open.close();
      manifest = null;
      throw e;
    }
  }

  private void replace(@Nullable Manifest old, long number, DurableState next) throws IOException {
    Manifest created;
    try {
      created = Manifest.create(files, directory, number, next);
    } catch (IOException e) {
      doomed.add(path(FileNames.Kind.MANIFEST, number));
      throw e;
    }
    manifest = created;
    if (old != null) {
      doomed.add(path(FileNames.Kind.MANIFEST, old.number()));
      old.close();
    }
    doomed.forEach(this::deleteQuietly);
    doomed.clear();
  }

  /**
   * Deletes tables that a failed change may or may not have put into the manifest, and the value
   * files that were written with them, as soon as a new manifest leaves no doubt: at once, if
   * another change has written one meanwhile.
   */
  void abandon(List<TableMetadata> tables) {
    lock.lock();
    try {
      if (notShown != null) {
        return; // the manifest may name them
      }
      boolean doubt = !doomed.isEmpty(); // there is the manifest of which nobody knows
      List<Path> unnamed = new ArrayList<>();
      tables.forEach(table -> unnamed.add(path(FileNames.Kind.TABLE, table.number())));
      ValueFiles.of(state.version())
          .added(tables)
          .forEach(values -> unnamed.add(path(FileNames.Kind.VALUES, values.file())));
      if (doubt) {
        doomed.addAll(unnamed);
      } else {
        unnamed.forEach(this::deleteQuietly);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Runs something while no change can happen, with what readers are shown. */
  <T> T withStableState(Function<DurableState, T> body) {
    lock.lock();
    try {
      if (notShown != null) {
        throw CommitPipeline.copyForThisThread(notShown);
      }
      return body.apply(state);
    } finally {
      lock.unlock();
    }
  }

  /** Deletes a file that nothing names; if that fails, the next open does it. */
  void deleteQuietly(Path file) {
    try {
      files.delete(file);
    } catch (IOException e) {
      // It costs space and no more.
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (manifest != null) {
        manifest.close();
      }
    } finally {
      lock.unlock();
    }
  }
}
