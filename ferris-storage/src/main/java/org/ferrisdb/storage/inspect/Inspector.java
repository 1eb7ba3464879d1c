package org.ferrisdb.storage.inspect;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.ferrisdb.storage.io.FileSystem;
import org.ferrisdb.storage.io.FileWindow;
import org.ferrisdb.storage.key.KeyRange;
import org.ferrisdb.storage.manifest.FileNames;
import org.ferrisdb.storage.sstable.TableFormat;
import org.ferrisdb.storage.sstable.ValueFormat;
import org.ferrisdb.storage.wal.RecordFormat;
import org.jspecify.annotations.Nullable;

/**
 * Shows one file of an engine, part by part, from front to back; the first part is of kind {@code
 * file} and says what it is. Damage is told in the parts and does not end the walk. Stateless.
 */
public final class Inspector {
  private Inspector() {}

  /**
   * What is wanted.
   *
   * @param fields the bytes with their meaning
   * @param entries the entries of a table's blocks, and of its index
   * @param block of a table only this block, with its entries, of a value file only this value; -1
   *     for all
   * @param prefix only entries and operations whose key begins so, and range tombstones that cover
   *     such a key; null for all
   */
  @SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
  public record Request(boolean fields, boolean entries, int block, byte @Nullable [] prefix) {
    /** An overview. */
    public static Request overview() {
      return new Request(false, false, -1, null);
    }

    /** Whether [from, to) covers a key that is wanted. */
    boolean wants(byte[] from, byte[] to) {
      byte[] begin = prefix;
      return begin == null || new KeyRange(from, to).contains(begin) || wants(from, from.length);
    }

    /** Whether a key is wanted. */
    boolean wants(byte[] key, int length) {
      byte[] begin = prefix;
      return begin == null
          || (length >= begin.length
              && java.util.Arrays.equals(key, 0, begin.length, begin, 0, begin.length));
    }
  }

  /** Kinds of files. */
  public enum FileKind {
    /** An SSTable. */
    TABLE,
    /** A value file. */
    VALUES,
    /** A WAL file. */
    WAL,
    /** A manifest. */
    MANIFEST,
    /** CURRENT. */
    CURRENT,
    /** LOCK. */
    LOCK,
    /** None of ours. */
    UNKNOWN
  }

  /** What the file is by its name or, where that tells nothing, by its first bytes. */
  public static FileKind kind(FileSystem files, Path file) throws IOException {
    FileKind named = kindOfName(String.valueOf(file.getFileName()));
    return named != FileKind.UNKNOWN ? named : kindOfContent(files, file);
  }

  static FileKind kindOfName(String name) {
    if (name.equals(FileNames.CURRENT) || name.equals(FileNames.CURRENT_TEMPORARY)) {
      return FileKind.CURRENT;
    }
    if (name.equals(FileNames.LOCK)) {
      return FileKind.LOCK;
    }
    if (FileNames.Kind.TABLE.number(name) >= 0) {
      return FileKind.TABLE;
    }
    if (FileNames.Kind.VALUES.number(name) >= 0) {
      return FileKind.VALUES;
    }
    if (FileNames.Kind.WAL.number(name) >= 0) {
      return FileKind.WAL;
    }
    return FileNames.Kind.MANIFEST.number(name) >= 0 ? FileKind.MANIFEST : FileKind.UNKNOWN;
  }

  private static FileKind kindOfContent(FileSystem files, Path file) throws IOException {
    try (FileSystem.ReadableFile opened = files.open(file)) {
      FileWindow window = new FileWindow(opened, file.toString());
      if (window.length() < 8) {
        return FileKind.UNKNOWN;
      }
      return switch (new String(window.bytes(0, 8), StandardCharsets.ISO_8859_1)) {
        case TableFormat.MAGIC -> FileKind.TABLE;
        case ValueFormat.MAGIC -> FileKind.VALUES;
        case RecordFormat.WAL_MAGIC -> FileKind.WAL;
        case RecordFormat.MANIFEST_MAGIC -> FileKind.MANIFEST;
        default -> FileKind.UNKNOWN;
      };
    }
  }

  /**
   * Shows the file.
   *
   * @return whether nothing is wrong with what was looked at
   * @throws IOException if the file can not be read, {@link java.nio.file.NoSuchFileException} if
   *     it is not there
   */
  public static boolean inspect(FileSystem files, Path file, Request request, Consumer<Part> out)
      throws IOException {
    boolean[] right = {true};
    Consumer<Part> judged =
        part -> {
          right[0] &= isRight(part);
          out.accept(part);
        };
    switch (kind(files, file)) {
      case TABLE -> new TableInspector(files, file, request, judged).run();
      case VALUES -> new ValueFileInspector(files, file, request, judged).run();
      case WAL, MANIFEST -> new RecordFileInspector(files, file, request, judged).run();
      case CURRENT -> CurrentInspector.run(files, file, request, judged);
      case LOCK -> // not opened: closing it would give up a lock that this process holds
          judged.accept(
              new PartBuilder("file", 0, 0)
                  .word("type", "lock")
                  .word("name", FileNames.LOCK)
                  .word("note", "says nothing; whoever has the engine open holds it")
                  .build());
      case UNKNOWN ->
          judged.accept(
              new PartBuilder("file", 0, 0)
                  .word("type", "unknown")
                  .finding(
                      new Finding(
                          Finding.Kind.UNREADABLE,
                          String.valueOf(file.getFileName()),
                          0,
                          "neither name nor first bytes are those of an engine's file"))
                  .build());
    }
    return right[0];
  }

  /** Whether nothing but harmless things were found in it. */
  static boolean isRight(Part part) {
    return part.findings().stream().allMatch(f -> f.kind().harmless())
        && part.parts().stream().allMatch(Inspector::isRight);
  }
}
