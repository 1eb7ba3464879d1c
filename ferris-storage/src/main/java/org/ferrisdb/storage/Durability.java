package org.ferrisdb.storage;

/** Who keeps a write safe until it has been flushed to a table. */
public enum Durability {
  /** The engine's own WAL: {@code write} returns once the record is synced (group commit). */
  WAL,
  /** A replicated log outside: the engine writes none and forgets unflushed writes at a crash. */
  EXTERNAL_LOG
}
