package org.ferrisdb.storage.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.io.ForwardingFileSystem;

/**
 * A file system before each of whose changes of tables others may get on; not before a deletion,
 * which may be made with the manifest's lock.
 */
public final class InterleavedFileSystem extends ForwardingFileSystem {
  private final Interleaving others;

  /** The same files. */
  public InterleavedFileSystem(FileSystem files, Interleaving others) {
    super(files);
    this.others = others;
  }

  private void pause(Path file, boolean writes) {
    if (file.toString().endsWith(".sst") || file.toString().endsWith(".val")) {
      others.pause(writes);
    }
  }

  @Override
  public WritableFile create(Path file) throws IOException {
    pause(file, true);
    return new ForwardingWritable(super.create(file)) {
      @Override
      public void append(ByteBuffer bytes) throws IOException {
        pause(file, true);
        super.append(bytes);
      }

      @Override
      public void sync() throws IOException {
        pause(file, true);
        super.sync();
        pause(file, true); // before the edit
      }
    };
  }

  @Override
  public void link(Path existing, Path name) throws IOException {
    pause(name, false);
    super.link(existing, name);
  }

  @Override
  public void syncFile(Path file) throws IOException {
    pause(file, false);
    super.syncFile(file);
  }
}
