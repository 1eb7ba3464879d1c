package org.ferrisdb.storage.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.ferrisdb.storage.io.DiskFileSystem;
import org.ferrisdb.storage.io.FileSystem;

/** The real disk, of which {@link Leaks} knows what is open. */
public final class TrackedFileSystem implements FileSystem {
  private final FileSystem disk = new DiskFileSystem();

  @Override
  public WritableFile create(Path file) throws IOException {
    WritableFile created = disk.create(file);
    WritableFile tracked =
        new WritableFile() {
          @Override
          public void append(ByteBuffer bytes) throws IOException {
            created.append(bytes);
          }

          @Override
          public void sync() throws IOException {
            created.sync();
          }

          @Override
          public long size() {
            return created.size();
          }

          @Override
          public void close() throws IOException {
            created.close();
            Leaks.closed(this);
          }
        };
    Leaks.opened(tracked, file);
    return tracked;
  }

  @Override
  public ReadableFile open(Path file) throws IOException {
    ReadableFile opened = disk.open(file);
    ReadableFile tracked =
        new ReadableFile() {
          @Override
          public int read(ByteBuffer into, long position) throws IOException {
            return opened.read(into, position);
          }

          @Override
          public long size() throws IOException {
            return opened.size();
          }

          @Override
          public void close() throws IOException {
            opened.close();
            Leaks.closed(this);
          }
        };
    Leaks.opened(tracked, file);
    return tracked;
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    disk.createDirectories(directory);
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    return disk.list(directory);
  }

  @Override
  public boolean exists(Path path) {
    return disk.exists(path);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    disk.rename(from, to);
  }

  @Override
  public void link(Path existing, Path name) throws IOException {
    disk.link(existing, name);
  }

  @Override
  public void delete(Path path) throws IOException {
    disk.delete(path);
  }

  @Override
  public void syncFile(Path file) throws IOException {
    disk.syncFile(file);
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    disk.syncDirectory(directory);
  }
}
