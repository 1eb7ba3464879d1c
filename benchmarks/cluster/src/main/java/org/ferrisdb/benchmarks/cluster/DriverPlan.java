package org.ferrisdb.benchmarks.cluster;

import java.util.List;

/**
 * What a driver process is to do; handed over as a JSON file.
 *
 * @param storeFactory class name of the {@link StoreFactory}
 * @param endpoints host:port of every server
 * @param serverPids the servers' processes, whose CPU is counted
 * @param cells what to measure, in this order
 * @param keys different keys, all written before
 * @param valueBytes size of each value
 * @param warmupSeconds spread over all cells before the first is measured
 * @param cellWarmupSeconds before each measurement
 * @param seconds of each measurement
 * @param seed of the random numbers
 */
record DriverPlan(
    String storeFactory,
    List<String> endpoints,
    List<Long> serverPids,
    List<Cell> cells,
    int keys,
    int valueBytes,
    int warmupSeconds,
    int cellWarmupSeconds,
    int seconds,
    long seed) {}
