package org.ferrisdb.benchmarks.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the figures depend on.
 *
 * @param cores processors that the JVM sees
 * @param cpu their name
 * @param governor of their frequency; "none" where the system tells of none (virtual machines)
 * @param memoryMb of the machine
 * @param kernel its version
 * @param fileSystem type of the one that the servers write to
 * @param jdk of drivers and of the servers written in Java
 * @param loadBefore load average of the last minute when the race began: what else was going on
 */
public record Machine(
    int cores,
    String cpu,
    String governor,
    long memoryMb,
    String kernel,
    String fileSystem,
    String jdk,
    double loadBefore) {
  /** This one; {@code dir} is where the servers will write. */
  public static Machine look(Path dir) {
    return new Machine(
        Runtime.getRuntime().availableProcessors(),
        field(Path.of("/proc/cpuinfo"), "model name"),
        read(Path.of("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"), "none"),
        kilobytes(field(Path.of("/proc/meminfo"), "MemTotal")) / 1024,
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        fileSystem(dir),
        System.getProperty("java.vm.name") + " " + Runtime.version(),
        load(read(Path.of("/proc/loadavg"), "0 ")));
  }

  static String fileSystem(Path dir) {
    try {
      return Files.getFileStore(dir).type();
    } catch (IOException e) {
      return "unknown";
    }
  }

  /** Whether what is "on disk" there is in memory. */
  static boolean isMemory(String fileSystem) {
    return fileSystem.equals("tmpfs") || fileSystem.equals("ramfs");
  }

  private static String read(Path file, String otherwise) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1).strip();
    } catch (IOException e) {
      return otherwise;
    }
  }

  /** The value of the first line "name : value". */
  static String field(Path file, String name) {
    return read(file, "")
        .lines()
        .filter(l -> l.startsWith(name))
        .map(l -> l.substring(l.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("unknown");
  }

  private static long kilobytes(String field) {
    return field.endsWith(" kB") ? Long.parseLong(field.substring(0, field.length() - 3)) : 0;
  }

  private static double load(String loadavg) {
    return Double.parseDouble(loadavg.substring(0, loadavg.indexOf(' ')));
  }

  /** Resident memory of a process, megabytes. */
  static long residentMb(long pid) {
    return kilobytes(field(Path.of("/proc", Long.toString(pid), "status"), "VmRSS")) / 1024;
  }

  /** In one line. */
  public String line() {
    return cores
        + " cores ("
        + cpu
        + ", governor "
        + governor
        + "), "
        + memoryMb
        + " MB, "
        + kernel
        + ", "
        + fileSystem
        + ", "
        + jdk;
  }
}
