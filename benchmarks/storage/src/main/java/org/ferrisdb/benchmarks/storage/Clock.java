package org.ferrisdb.benchmarks.storage;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/** Measures from its making on. */
final class Clock {
  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final long cpu = PROCESS.getProcessCpuTime();
  private final long written = fromKernel("wchar:");
  private final long toDisk = fromKernel("write_bytes:");
  private final long start = System.nanoTime();
  private long end;

  /** The last operation is done; background work may go on. */
  void stop() {
    end = System.nanoTime();
  }

  /** To be called when that has settled as well. */
  Measurement measurement(
      Workload workload, Histogram nanos, long operations, Data data, Path directory) {
    return new Measurement(
        workload.id(),
        operations,
        (end - start) / 1e9,
        (PROCESS.getProcessCpuTime() - cpu) / 1e3 / Math.max(1, operations),
        nanos.getValueAtPercentile(50) / 1e3,
        nanos.getValueAtPercentile(99) / 1e3,
        nanos.getValueAtPercentile(99.99) / 1e3,
        nanos.getMaxValue() / 1e3,
        workload.userBytes(operations, data) / 1e6,
        (fromKernel("wchar:") - written) / 1e6,
        (fromKernel("write_bytes:") - toDisk) / 1e6,
        bytesOf(directory) / 1e6);
  }

  /** A count of this process's bytes; 0 where the system does not tell. */
  private static long fromKernel(String name) {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/io"))) {
      return lines
          .filter(l -> l.startsWith(name))
          .mapToLong(l -> Long.parseLong(l.substring(l.indexOf(':') + 1).strip()))
          .sum();
    } catch (IOException e) {
      return 0;
    }
  }

  private static long bytesOf(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.mapToLong(Clock::bytesOfFile).sum();
    } catch (IOException | UncheckedIOException e) {
      return 0;
    }
  }

  /** What it takes on the disk: LMDB's file is as long as its map. */
  private static long bytesOfFile(Path file) {
    try {
      if (!Files.isRegularFile(file)) {
        return 0;
      }
      Object blocks = Files.getAttribute(file, "unix:blocks");
      return ((Number) blocks).longValue() * 512;
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return file.toFile().length();
    }
  }
}
