package org.ferrisdb.storage.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.ferrisdb.storage.io.FileSystem;

/**
 * A file system before each of whose changes of tables others may get on; not before a deletion,
 * which may be made with the manifest's lock.
 */
public final class InterleavedFileSystem implements FileSystem {
  private final FileSystem files;
  private final Interleaving others;

  /** The same files. */
  public InterleavedFileSystem(FileSystem files, Interleaving others) {
    this.files = files;
    this.others = others;
  }

  private void pause(Path file, boolean writes) {
    if (file.toString().endsWith(".sst")) {
      others.pause(writes);
    }
  }

  @Override
  public WritableFile create(Path file) throws IOException {
    pause(file, true);
    WritableFile created = files.create(file);
    return new WritableFile() {
      @Override
      public void append(ByteBuffer bytes) throws IOException {
        pause(file, true);
        created.append(bytes);
      }

      @Override
      public void sync() throws IOException {
        pause(file, true);
        created.sync();
        pause(file, true); // before the edit
      }

      @Override
      public long size() {
        return created.size();
      }

      @Override
      public void close() throws IOException {
        created.close();
      }
    };
  }

  @Override
  public ReadableFile open(Path file) throws IOException {
    return files.open(file);
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    files.createDirectories(directory);
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    return files.list(directory);
  }

  @Override
  public boolean exists(Path path) {
    return files.exists(path);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    files.rename(from, to);
  }

  @Override
  public void link(Path existing, Path name) throws IOException {
    pause(name, false);
    files.link(existing, name);
  }

  @Override
  public void delete(Path path) throws IOException {
    files.delete(path);
  }

  @Override
  public void syncFile(Path file) throws IOException {
    pause(file, false);
    files.syncFile(file);
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    files.syncDirectory(directory);
  }
}
