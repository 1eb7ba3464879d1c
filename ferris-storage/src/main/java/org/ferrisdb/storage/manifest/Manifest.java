package org.ferrisdb.storage.manifest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import org.ferrisdb.storage.StorageException;
import org.ferrisdb.storage.io.ByteSink;
import org.ferrisdb.storage.io.Bytes;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.wal.RecordFormat;
import org.ferrisdb.storage.wal.RecordReader;
import org.ferrisdb.storage.wal.RecordWriter;
import org.jspecify.annotations.Nullable;

/**
 * The file of edits that says what the engine consists of, and {@code CURRENT}, which says which
 * such file counts.
 *
 * <pre>
 * manifest = a file of records (see RecordFormat): the whole state as one edit, then edits
 * CURRENT  = "MANIFEST-000007 1a2b3c4d\n", the name and the crc32c of its bytes in hexadecimal
 * </pre>
 *
 * <p>A manifest begins with a snapshot, and is synced before {@code CURRENT} is renamed over the
 * old one: at any instant of a crash, {@code CURRENT} names a manifest that is whole. After a
 * failed append the file's tail is unknown; then a new manifest is the only way on.
 *
 * <p>One thread at a time.
 */
public final class Manifest implements AutoCloseable {
  private final RecordWriter writer;
  private final long number;

  private Manifest(RecordWriter writer, long number) {
    this.writer = writer;
    this.number = number;
  }

  /** Writes a manifest that begins with the state, and makes it the current one, durably. */
  public static Manifest create(FileSystem files, Path directory, long number, DurableState state)
      throws IOException {
    Path path = directory.resolve(FileNames.Kind.MANIFEST.name(number));
    RecordWriter writer = RecordWriter.create(files, path, RecordFormat.MANIFEST_MAGIC, number, 0);
    try {
      Manifest manifest = new Manifest(writer, number);
      manifest.append(state.toEdit());
      switchCurrent(files, directory, number);
      return manifest;
    } catch (IOException | RuntimeException | Error e) {
      writer.closeQuietly();
      throw e;
    }
  }

  /** Makes the manifest of that number the current one, durably. */
  public static void switchCurrent(FileSystem files, Path directory, long number)
      throws IOException {
    Path temporary = directory.resolve(FileNames.CURRENT_TEMPORARY);
    if (files.exists(temporary)) {
      files.delete(temporary);
    }
    byte[] name = FileNames.Kind.MANIFEST.name(number).getBytes(StandardCharsets.US_ASCII);
    ByteSink line = new ByteSink(64).putBytes(name, 0, name.length);
    line.putAscii(String.format(Locale.ROOT, " %08x\n", Bytes.crc32c(name, 0, name.length)));
    try (FileSystem.WritableFile file = files.create(temporary)) {
      file.append(line.toBuffer());
      file.sync();
    }
    files.rename(temporary, directory.resolve(FileNames.CURRENT));
    files.syncDirectory(directory);
  }

  /** Appends the edit and syncs; it has happened once this returns. */
  public void append(VersionEdit edit) throws IOException {
    ByteSink payload = new ByteSink(512);
    edit.encode(payload);
    writer.add(payload);
    writer.sync();
    writer.mark();
  }

  /** The number in its name. */
  public long number() {
    return number;
  }

  /** Bytes of the file. */
  public long size() {
    return writer.size();
  }

  @Override
  public void close() {
    writer.closeQuietly();
  }

  /** The number of the current manifest; -1 if the directory holds no engine yet. */
  public static long current(FileSystem files, Path directory) throws IOException {
    Path path = directory.resolve(FileNames.CURRENT);
    if (!files.exists(path)) {
      return -1;
    }
    byte[] bytes;
    try (FileSystem.ReadableFile file = files.open(path)) {
      ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(256, file.size()));
      file.read(buffer, 0);
      bytes = buffer.array();
    }
    return parseCurrent(bytes, path.toString());
  }

  /** The number of the manifest that the bytes of a CURRENT name. */
  public static long parseCurrent(byte[] bytes, String path) {
    String[] words = new String(bytes, StandardCharsets.ISO_8859_1).split(" ", -1);
    byte[] name = words[0].getBytes(StandardCharsets.ISO_8859_1);
    long number = FileNames.Kind.MANIFEST.number(words[0]);
    String crc = String.format(Locale.ROOT, "%08x\n", Bytes.crc32c(name, 0, name.length));
    if (words.length != 2 || number < 0 || !words[1].equals(crc)) {
      throw new StorageException.Corruption(
          path + ": what is there from offset 0 on does not name a manifest");
    }
    return number;
  }

  /** The state that the manifest's edits add up to. */
  public static DurableState load(FileSystem files, Path directory, long number)
      throws IOException {
    Path path = directory.resolve(FileNames.Kind.MANIFEST.name(number));
    if (!files.exists(path)) {
      throw new StorageException.Corruption(path + ": is missing, but CURRENT names it");
    }
    @Nullable DurableState[] state = new DurableState[1];
    RecordReader.read(
        files,
        path,
        RecordFormat.MANIFEST_MAGIC,
        number,
        payload -> {
          DurableState before = state[0] == null ? DurableState.initial() : state[0];
          VersionEdit edit = VersionEdit.decode(payload);
          try {
            state[0] = before.apply(edit);
          } catch (StorageException.Corruption e) {
            throw payload.corrupt(String.valueOf(e.getMessage()));
          }
        });
    DurableState loaded = state[0];
    if (loaded == null) {
      throw new StorageException.Corruption(path + ": holds no state from offset 0 on");
    }
    return loaded;
  }
}
