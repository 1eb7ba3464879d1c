package org.ferrisdb.storage;

/** What the engine throws; each kind has a treatment of its own. */
public abstract sealed class StorageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StorageException(String message, Throwable cause) {
    super(message, cause);
  }

  StorageException(String message) {
    super(message);
  }

  /** A file's bytes are not what was written. Never served; the replica is rebuilt from peers. */
  public static final class Corruption extends StorageException {
    private static final long serialVersionUID = 1L;

    /** Names the file and the offset in the message. */
    public Corruption(String message) {
      super(message);
    }
  }

  /** The file system failed (disk full among others); reopening may heal it. */
  public static final class IoFailure extends StorageException {
    private static final long serialVersionUID = 1L;

    /** Names the file in the message. */
    public IoFailure(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** The engine was closed. */
  public static final class Closed extends StorageException {
    private static final long serialVersionUID = 1L;

    /** Names the engine's directory in the message. */
    public Closed(String message) {
      super(message);
    }
  }

  /** The caller broke a limit or a rule of the interface; nothing was written. */
  public static final class Refused extends StorageException {
    private static final long serialVersionUID = 1L;

    /** Names the rule, the value and the remedy. */
    public Refused(String message) {
      super(message);
    }
  }

  /** Another engine has the directory open; nothing was touched. Close that one first. */
  public static final class InUse extends StorageException {
    private static final long serialVersionUID = 1L;

    /** Names the directory and the remedy. */
    public InUse(String message) {
      super(message);
    }
  }

  /**
   * Data in a format that this build does not read, of a newer build or one from before the first
   * release; left untouched.
   */
  public static final class UnknownVersion extends StorageException {
    private static final long serialVersionUID = 1L;

    /** Names the file, its version and the one that is known. */
    public UnknownVersion(String message) {
      super(message);
    }
  }
}
