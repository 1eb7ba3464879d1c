package org.ferrisdb.storage.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The real disk. Stateless but for locks, of which a process has one list; safe for many threads.
 */
public final class DiskFileSystem implements FileSystem {
  @Override
  public WritableFile create(Path file) throws IOException {
    return new DiskWritable(file);
  }

  @Override
  public ReadableFile open(Path file) throws IOException {
    return new DiskReadable(new Channel(file, StandardOpenOption.READ));
  }

  @Override
  public @Nullable Lock lock(Path file) throws IOException {
    return DiskLock.take(file);
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    Files.createDirectories(directory);
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  @Override
  public boolean exists(Path path) {
    return Files.exists(path);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void link(Path existing, Path name) throws IOException {
    Files.createLink(name, existing);
  }

  @Override
  public void delete(Path path) throws IOException {
    Files.delete(path);
  }

  @Override
  public void syncFile(Path file) throws IOException {
    sync(file);
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    sync(directory);
  }

  /** Linux takes an fsync of what is only open for reading. */
  private static void sync(Path path) throws IOException {
    try (AsynchronousFileChannel channel =
        AsynchronousFileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** One operation on a channel. */
  private interface Operation {
    int run(FileChannel channel) throws IOException;
  }

  /**
   * A file channel that survives interrupts. The JDK closes a channel for everybody when one thread
   * that uses it is interrupted; a read by a cancelled request must not take a table away from all
   * others. So a channel that was closed under us is opened again, the operation (positional, so
   * harmless when repeated) runs again, and the caller's interrupt flag is put back.
   */
  private static final class Channel {
    private final Path file;
    private final OpenOption reopenOption;
    private final ReentrantLock reopening = new ReentrantLock();
    private volatile FileChannel channel;
    private volatile boolean closed;

    Channel(Path file, StandardOpenOption option) throws IOException {
      this.file = file;
      boolean read = option == StandardOpenOption.READ;
      this.reopenOption = read ? StandardOpenOption.READ : StandardOpenOption.WRITE;
      this.channel =
          read
              ? FileChannel.open(file, StandardOpenOption.READ)
              : FileChannel.open(file, StandardOpenOption.WRITE, option);
    }

    int run(Operation operation) throws IOException {
      boolean interrupted = false;
      try {
        while (true) {
          FileChannel used = channel;
          try {
            return operation.run(used);
          } catch (ClosedChannelException e) {
            if (closed) {
              throw e;
            }
            interrupted |= Thread.interrupted();
            reopen(used);
          }
        }
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }

    @SuppressWarnings("ReferenceEquality") // was it already replaced by another thread?
    private void reopen(FileChannel broken) throws IOException {
      reopening.lock();
      try {
        if (channel == broken && !closed) {
          channel = FileChannel.open(file, reopenOption);
        }
      } finally {
        reopening.unlock();
      }
    }

    void close() throws IOException {
      reopening.lock();
      try {
        closed = true;
        channel.close();
      } finally {
        reopening.unlock();
      }
    }
  }

  /**
   * The JDK keeps direct memory as large as the largest piece that a thread has read or written.
   */
  private static final int PIECE_BYTES = 1 << 20;

  /**
   * Syncs go through a channel of their own, of the kind that an interrupt does not close. With the
   * other kind an interrupt hides how the sync ended; repeated, it may succeed because the kernel
   * reports a failure once, and what it could not write would pass for durable. Both are open
   * before anything is written, so the kernel tells both of every failure.
   */
  private static final class DiskWritable implements WritableFile {
    private final Channel channel;
    private final AsynchronousFileChannel syncs;
    private long size;

    DiskWritable(Path file) throws IOException {
      this.channel = new Channel(file, StandardOpenOption.CREATE_NEW);
      try {
        this.syncs = AsynchronousFileChannel.open(file, StandardOpenOption.WRITE);
      } catch (IOException | RuntimeException | Error e) {
        channel.close();
        throw e;
      }
    }

    @Override
    public void append(ByteBuffer bytes) throws IOException {
      int end = bytes.limit();
      while (bytes.position() < end) {
        int start = bytes.position();
        long at = size;
        int written =
            channel.run(open -> {
              bytes.limit(Math.min(end, start + PIECE_BYTES)).position(start);
              return open.write(bytes, at);
            });
        bytes.limit(end).position(start + written);
        size += written;
      }
    }

    @Override
    public void sync() throws IOException {
      syncs.force(false);
    }

    @Override
    public long size() {
      return size;
    }

    @Override
    public void close() throws IOException {
      try {
        syncs.close();
      } finally {
        channel.close();
      }
    }
  }

  private static final class DiskReadable implements ReadableFile {
    private final Channel channel;

    DiskReadable(Channel channel) {
      this.channel = channel;
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
      int start = into.position();
      int end = into.limit();
      return channel.run(open -> {
        into.position(start);
        int total = 0;
        while (start + total < end) {
          into.limit(Math.min(end, start + total + PIECE_BYTES));
          int count = open.read(into, position + total);
          into.limit(end);
          if (count < 0) {
            break;
          }
          total += count;
        }
        return total;
      });
    }

    @Override
    public long size() throws IOException {
      long[] size = new long[1];
      channel.run(open -> {
        size[0] = open.size();
        return 0;
      });
      return size[0];
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
