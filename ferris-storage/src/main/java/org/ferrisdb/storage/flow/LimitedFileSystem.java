package org.ferrisdb.storage.flow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.ferrisdb.storage.flow.IoLimiter.Urgency;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.io.ForwardingFileSystem;

/** The file system for one piece of background work: what it appends is held to the limit. */
public final class LimitedFileSystem extends ForwardingFileSystem {
  private final IoLimiter limiter;
  private final Supplier<Urgency> urgency;
  private final Runnable check;

  private LimitedFileSystem(
      FileSystem files, IoLimiter limiter, Supplier<Urgency> urgency, Runnable check) {
    super(files);
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
    return new ForwardingWritable(super.create(file)) {
      @Override
      public void append(ByteBuffer bytes) throws IOException {
        limiter.acquire(bytes.remaining(), urgency, check);
        super.append(bytes);
      }
    };
  }
}
