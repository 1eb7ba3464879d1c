package org.ferrisdb.benchmarks.cluster;

import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.ferrisdb.node.cli.load.BenchReport;

/**
 * What was measured of one contestant in one cell of one run.
 *
 * @param cell name of the cell
 * @param fromMillis when the measurement began, milliseconds since 1970
 * @param toMillis when it ended
 * @param operations answered
 * @param opsPerSecond throughput
 * @param p50Millis of all operations together, as the next three
 * @param p99Millis 99 % took at most so long
 * @param p999Millis 99.9 % took at most so long
 * @param maxMillis the slowest
 * @param serverCpuMicros CPU of all servers for one operation
 * @param compilerCpuMicros the part of it that the JVM's compilers took; 0 for native servers
 * @param clientCpuMicros CPU of the driver for one operation
 * @param serverThreadsCpuMicros CPU for one operation by group of the servers' threads; groups
 *     below a hundredth of the whole are left out
 * @param othersCpuPercent of the machine, 0 to 100: what was neither servers nor driver
 * @param errors operations that failed
 * @param firstError message of the first; empty without one
 */
record CellResult(
    String cell,
    long fromMillis,
    long toMillis,
    long operations,
    double opsPerSecond,
    double p50Millis,
    double p99Millis,
    double p999Millis,
    double maxMillis,
    double serverCpuMicros,
    double compilerCpuMicros,
    double clientCpuMicros,
    Map<String, Double> serverThreadsCpuMicros,
    double othersCpuPercent,
    long errors,
    String firstError) {
  static CellResult of(
      Cell cell,
      BenchReport report,
      long fromMillis,
      long toMillis,
      Map<String, Long> serverThreadsNanos,
      double othersCpuPercent) {
    Histogram all = report.reads().copy();
    all.add(report.writes());
    double operations = Math.max(1, report.operations());
    Map<String, Double> threads = new TreeMap<>();
    double compilers = 0;
    for (Map.Entry<String, Long> group : serverThreadsNanos.entrySet()) {
      if (group.getValue() * 100 >= report.serverCpu().toNanos()) {
        threads.put(group.getKey(), group.getValue() / 1e3 / operations);
      }
      compilers += ThreadCpu.isCompiler(group.getKey()) ? group.getValue() : 0;
    }
    return new CellResult(
        cell.name(),
        fromMillis,
        toMillis,
        report.operations(),
        report.operationsPerSecond(),
        all.getValueAtPercentile(50) / 1e6,
        all.getValueAtPercentile(99) / 1e6,
        all.getValueAtPercentile(99.9) / 1e6,
        all.getMaxValue() / 1e6,
        report.serverCpu().toNanos() / 1e3 / operations,
        compilers / 1e3 / operations,
        report.clientCpu().toNanos() / 1e3 / operations,
        threads,
        othersCpuPercent,
        report.errors(),
        report.firstError());
  }
}
