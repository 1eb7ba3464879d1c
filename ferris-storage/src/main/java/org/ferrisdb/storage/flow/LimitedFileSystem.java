package org.ferrisdb.storage.flow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.ferrisdb.storage.flow.IoLimiter.Urgency;
import org.ferrisdb.storage.io.FileSystem;

/** The file system for one piece of background work: what it appends is held to the limit. */
public final class LimitedFileSystem implements FileSystem {
  private final FileSystem files;
  private final IoLimiter limiter;
  private final Supplier<Urgency> urgency;
  private final Runnable check;

  private LimitedFileSystem(
      FileSystem files, IoLimiter limiter, Supplier<Urgency> urgency, Runnable check) {
    this.files = files;
    this.limiter = limiter;
    this.urgency = urgency;
    this.check = check;
  }

  /**
   * The file system as it is if there is no limit, or one that keeps it.
   *
   * @param urgency asked before each append and while it waits: work can become urgent meanwhile
   * @param check throws if the work is no longer wanted: it need not wait then
   */
  public static FileSystem of(
      FileSystem files, IoLimiter limiter, Supplier<Urgency> urgency, Runnable check) {
    return limiter.limits() ? new LimitedFileSystem(files, limiter, urgency, check) : files;
  }

  @Override
  public WritableFile create(Path file) throws IOException {
    WritableFile created = files.create(file);
    return new WritableFile() {
      @Override
      public void append(ByteBuffer bytes) throws IOException {
        limiter.acquire(bytes.remaining(), urgency, check);
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
    files.link(existing, name);
  }

  @Override
  public void delete(Path path) throws IOException {
    files.delete(path);
  }

  @Override
  public void syncFile(Path file) throws IOException {
    files.syncFile(file);
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    files.syncDirectory(directory);
  }
}
