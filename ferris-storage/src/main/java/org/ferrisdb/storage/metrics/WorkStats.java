package org.ferrisdb.storage.metrics;

/**
 * What flushes and compactions have done for what users have written, since open.
 *
 * @param userBytes keys and values of batches
 * @param flushedBytes bytes of the tables that flushes wrote
 * @param flushNanos time they took
 * @param compactedReadBytes bytes of the tables that compactions read
 * @param compactedBytes bytes of the tables they wrote
 * @param compactionNanos time they took
 */
public record WorkStats(
    long userBytes,
    long flushedBytes,
    long flushNanos,
    long compactedReadBytes,
    long compactedBytes,
    long compactionNanos) {
  /** Bytes written to tables for each byte of a user's; the WAL is not in it. 0 without writes. */
  public double writeAmplification() {
    return userBytes == 0 ? 0 : (double) (flushedBytes + compactedBytes) / userBytes;
  }
}
