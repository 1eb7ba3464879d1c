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
 * @param writtenMb given to the disk, megabytes
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
    double writtenMb,
    double spaceMb) {
  double perSecond() {
    return seconds > 0 ? operations / seconds : 0;
  }
}
