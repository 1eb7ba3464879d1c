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

  private LimitedFileSystem(FileSystem files, IoLimiter limiter, Supplier<Urgency> urgency) {
    super(files);
    this.limiter = limiter;
    this.urgency = urgency;
  }

  /**
   * The file system as it is if there is no limit, or one that keeps it.
   *
   * @param urgency asked before each append: work can become urgent while it runs
   */
  public static FileSystem of(FileSystem files, IoLimiter limiter, Supplier<Urgency> urgency) {
    return limiter.limits() ? new LimitedFileSystem(files, limiter, urgency) : files;
  }

  @Override
  public WritableFile create(Path file) throws IOException {
    return new ForwardingWritable(super.create(file)) {
      @Override
      public void append(ByteBuffer bytes) throws IOException {
        limiter.acquire(bytes.remaining(), urgency.get());
        super.append(bytes);
      }
    };
  }
}
