package org.ferrisdb.node.cli.load;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * What was measured.
 *
 * @param spec what was asked for
 * @param length how long the measurement took
 * @param reads latencies of reads, nanoseconds
 * @param writes latencies of writes, nanoseconds
 * @param errors operations that failed; their latencies are not counted
 * @param clientCpu CPU time of this process during the measurement
 * @param serverCpu CPU time of the servers; negative if unknown
 * @param firstError message of the first failure; empty without one
 */
public record BenchReport(
    BenchSpec spec,
    Duration length,
    Histogram reads,
    Histogram writes,
    long errors,
    Duration clientCpu,
    Duration serverCpu,
    String firstError) {
  /** All that were answered. */
  public long operations() {
    return reads.getTotalCount() + writes.getTotalCount();
  }

  /** All that were answered, by the second. */
  public double operationsPerSecond() {
    return operations() / (length.toNanos() / 1e9);
  }

  /** Header of {@link #rows}. */
  static final List<String> HEADER =
      List.of("OP", "COUNT", "OPS/S", "P50 ms", "P95 ms", "P99 ms", "P99.9 ms", "MAX ms");

  /** A row for reads, one for writes, as far as there were any. */
  List<List<String>> rows() {
    List<List<String>> rows = new ArrayList<>();
    row(rows, "read", reads);
    row(rows, "write", writes);
    return rows;
  }

  private void row(List<List<String>> rows, String name, Histogram h) {
    if (h.getTotalCount() == 0) {
      return;
    }
    rows.add(
        List.of(
            name,
            Long.toString(h.getTotalCount()),
            String.format(Locale.ROOT, "%.0f", h.getTotalCount() / (length.toNanos() / 1e9)),
            millis(h.getValueAtPercentile(50)),
            millis(h.getValueAtPercentile(95)),
            millis(h.getValueAtPercentile(99)),
            millis(h.getValueAtPercentile(99.9)),
            millis(h.getMaxValue())));
  }

  private static String millis(long nanos) {
    return String.format(Locale.ROOT, "%.2f", nanos / 1e6);
  }

  /** Throughput, errors and CPU in one line. */
  String summary() {
    String cpu =
        serverCpu.isNegative()
            ? "servers' CPU unknown (not a local cluster of --dir)"
            : String.format(Locale.ROOT, "servers %.1f us", microsPerOperation(serverCpu));
    return String.format(
        Locale.ROOT,
        "%s: %.0f ops/s, %d errors; CPU per operation: client %.1f us, %s",
        spec.mix(),
        operationsPerSecond(),
        errors,
        microsPerOperation(clientCpu),
        cpu);
  }

  private double microsPerOperation(Duration cpu) {
    return cpu.toNanos() / 1e3 / Math.max(1, operations());
  }

  JsonObject json() {
    JsonObject json = new JsonObject();
    json.addProperty("mix", spec.mix().toString());
    json.addProperty("threads", spec.threads());
    json.addProperty("outstanding", spec.outstanding());
    json.addProperty("rate", spec.rate());
    json.addProperty("keys", spec.keys());
    json.addProperty("valueBytes", spec.valueBytes());
    json.addProperty("seconds", length.toNanos() / 1e9);
    json.addProperty("operations", operations());
    json.addProperty("opsPerSecond", operationsPerSecond());
    json.addProperty("errors", errors);
    json.addProperty("firstError", firstError);
    json.addProperty("clientCpuMicrosPerOp", microsPerOperation(clientCpu));
    if (!serverCpu.isNegative()) {
      json.addProperty("serverCpuMicrosPerOp", microsPerOperation(serverCpu));
    }
    json.add("read", latencies(reads));
    json.add("write", latencies(writes));
    return json;
  }

  private static JsonObject latencies(Histogram h) {
    JsonObject json = new JsonObject();
    json.addProperty("count", h.getTotalCount());
    for (double p : new double[] {50, 95, 99, 99.9}) {
      json.addProperty(
          "p" + (p == 99.9 ? "99.9" : String.format(Locale.ROOT, "%.0f", p)) + "Millis",
          h.getValueAtPercentile(p) / 1e6);
    }
    json.addProperty("maxMillis", h.getMaxValue() / 1e6);
    return json;
  }
}
