package org.ferrisdb.storage.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Passes everything on to another file system; a subclass overrides what it does otherwise. */
public abstract class ForwardingFileSystem implements FileSystem {
  private final FileSystem files;

  /** Passes on to that one. */
  protected ForwardingFileSystem(FileSystem files) {
    this.files = files;
  }

  @Override
  public WritableFile create(Path file) throws IOException {
    return files.create(file);
  }

  @Override
  public ReadableFile open(Path file) throws IOException {
    return files.open(file);
  }

  @Override
  public @Nullable Lock lock(Path file) throws IOException {
    return files.lock(file);
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

  /** Passes everything on to another file. */
  public abstract static class ForwardingWritable implements WritableFile {
    private final WritableFile file;

    /** Passes on to that one. */
    protected ForwardingWritable(WritableFile file) {
      this.file = file;
    }

    @Override
    public void append(ByteBuffer bytes) throws IOException {
      file.append(bytes);
    }

    @Override
    public void sync() throws IOException {
      file.sync();
    }

    @Override
    public long size() {
      return file.size();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
