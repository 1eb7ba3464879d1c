package org.ferrisdb.benchmarks.storage;

/**
 * What came of a workload. Times of an operation are in microseconds.
 *
 * @param workload its id
 * @param operations how many were done
 * @param seconds from the first to the last; background work that goes on afterwards not included
 * @param cpuMicros of the whole process for one operation, with background work until it has
 *     settled
 * @param p50 half took no longer
 * @param p99 99 of a hundred
 * @param p9999 all but one in ten thousand
 * @param max the longest
 * @param userMb keys and values that were written, megabytes
 * @param writtenMb what the process gave to write calls for it, until it had settled, megabytes
 * @param diskMb what the kernel says it gave to the disk: less than that if a file was deleted
 *     before it was written out, more if small pieces were synced one by one
 * @param spaceMb of the store's files afterwards, megabytes
 */
record Measurement(
    String workload,
    long operations,
    double seconds,
    double cpuMicros,
    double p50,
    double p99,
    double p9999,
    double max,
    double userMb,
    double writtenMb,
    double diskMb,
    double spaceMb) {
  /** Bytes written for one byte of the user's; 0 if the workload writes none. */
  double writeAmplification() {
    return userMb > 0 ? writtenMb / userMb : 0;
  }

  double perSecond() {
    return seconds > 0 ? operations / seconds : 0;
  }
}
