package org.ferrisdb.storage.manifest;

import java.util.Locale;

/**
 * The names in an engine's directory: {@code 000012.sst}, {@code 000013.val}, {@code 000014.wal},
 * {@code MANIFEST-000015}.
 */
public final class FileNames {
  /** Names the manifest that counts. */
  public static final String CURRENT = "CURRENT";

  /** What becomes {@link #CURRENT} by a rename. */
  public static final String CURRENT_TEMPORARY = "CURRENT.tmp";

  /** Empty; held by the engine that has the directory open, see {@link DirectoryLock}. */
  public static final String LOCK = "LOCK";

  /** Ends the name of a directory in which a checkpoint is being made. */
  public static final String UNFINISHED = ".unfinished";

  /** No file has a larger number: no engine lives so long, and names stay short. */
  public static final long MAX_NUMBER = 1L << 56;

  private FileNames() {}

  /** Kinds of numbered files. */
  public enum Kind {
    /** An SSTable. */
    TABLE("", ".sst"),
    /** A value file. */
    VALUES("", ".val"),
    /** A WAL file. */
    WAL("", ".wal"),
    /** A manifest. */
    MANIFEST("MANIFEST-", "");

    private final String prefix;
    private final String suffix;

    Kind(String prefix, String suffix) {
      this.prefix = prefix;
      this.suffix = suffix;
    }

    /** The name of the file with this number. */
    public String name(long number) {
      return String.format(Locale.ROOT, "%s%06d%s", prefix, number, suffix);
    }

    /** The number in a name of this kind, -1 for other names. */
    public long number(String name) {
      if (!name.startsWith(prefix) || !name.endsWith(suffix)) {
        return -1;
      }
      String digits = name.substring(prefix.length(), name.length() - suffix.length());
      if (digits.length() < 6 || digits.length() > 18) {
        return -1;
      }
      return digits.chars().allMatch(c -> c >= '0' && c <= '9') ? Long.parseLong(digits) : -1;
    }
  }
}
