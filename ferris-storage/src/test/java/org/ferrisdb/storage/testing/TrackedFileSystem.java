package org.ferrisdb.storage.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.ferrisdb.storage.io.DiskFileSystem;
import org.ferrisdb.storage.io.ForwardingFileSystem;
import org.jspecify.annotations.Nullable;

/** The real disk, of which {@link Leaks} knows what is open. */
public final class TrackedFileSystem extends ForwardingFileSystem {
  /** Of the real disk. */
  public TrackedFileSystem() {
    super(new DiskFileSystem());
  }

  @Override
  public WritableFile create(Path file) throws IOException {
    WritableFile tracked =
        new ForwardingWritable(super.create(file)) {
          @Override
          public void close() throws IOException {
            super.close();
            Leaks.closed(this);
          }
        };
    Leaks.opened(tracked, file);
    return tracked;
  }

  @Override
  public ReadableFile open(Path file) throws IOException {
    ReadableFile opened = super.open(file);
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
  public @Nullable Lock lock(Path file) throws IOException {
    Lock lock = super.lock(file);
    if (lock == null) {
      return null;
    }
    Lock tracked =
        new Lock() {
          @Override
          public void close() throws IOException {
            lock.close();
            Leaks.closed(this);
          }
        };
    Leaks.opened(tracked, file);
    return tracked;
  }
}
