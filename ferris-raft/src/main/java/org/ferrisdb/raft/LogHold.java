package org.ferrisdb.raft;

/**
 * A claim on a group's log here, for a member that is being given a checkpoint: once it has it, it
 * goes on by the log, which must still begin no later than the checkpoint ends. The log is held up
 * to a limit only (a member that never gets there must not fill the disk). Thread-safe.
 */
public interface LogHold extends AutoCloseable {
  /** Holds nothing. */
  LogHold NONE =
      new LogHold() {
        @Override
        public void from(long index) {}

        @Override
        public void close() {}
      };

  /** What is held now begins at this index; before the first call it is all that the log has. */
  void from(long index);

  /** Lets go; once is enough, more does no harm. */
  @Override
  void close();
}
