package org.ferrisdb.benchmarks.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * CPU time of threads by the group that their name tells, from {@code /proc/PID/task/TID/stat}, in
 * steps of 10 ms. Linux cuts names after 15 characters. Nothing where there is no such directory.
 * Immutable.
 */
final class ThreadCpu {
  /** The kernel's USER_HZ: 100 on every Linux that Java runs on. */
  private static final long NANOS_PER_TICK = 10_000_000;

  /** Linux's. */
  private static final int LONGEST_NAME = 15;

  /** Of a node of FerrisDB, or a UUID. */
  private static final Pattern ID =
      Pattern.compile("[0-9a-f]{16}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private final Path proc;

  ThreadCpu(Path proc) {
    this.proc = proc;
  }

  /** CPU time so far, nanoseconds, by group, of all these processes' living threads. */
  Map<String, Long> nanos(List<Long> pids) {
    Map<String, Long> groups = new TreeMap<>();
    for (long pid : pids) {
      try (DirectoryStream<Path> tasks =
          Files.newDirectoryStream(proc.resolve(Long.toString(pid)).resolve("task"))) {
        for (Path task : tasks) {
          add(task, groups);
        }
      } catch (IOException e) {
        // the process has ended, or this is no Linux: nothing to count
      }
    }
    return groups;
  }

  private static void add(Path task, Map<String, Long> groups) {
    try {
      String stat = Files.readString(task.resolve("stat"), StandardCharsets.ISO_8859_1);
      int open = stat.indexOf('(');
      int close = stat.lastIndexOf(')');
      // After "tid (name) " come state and the others; user and system time are fields 14 and 15.
      String[] fields = stat.substring(close + 2).split(" ", -1);
      long ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
      groups.merge(group(stat.substring(open + 1, close)), ticks * NANOS_PER_TICK, Long::sum);
    } catch (IOException e) {
      // the thread ended meanwhile
    }
  }

  /**
   * A thread's name without its numbers and ids: {@code epoll-3} and {@code epoll-4} are one group.
   * Ratis's threads begin with the id of their node, and of most Linux shows no more than that.
   */
  static String group(String name) {
    if (name.matches("[0-9a-f]{" + LONGEST_NAME + "}")) {
      return "Ratis (name cut off)";
    }
    String whole = name.length() == LONGEST_NAME ? name.replaceAll("-[0-9a-f]*$", "") : name;
    String plain =
        ID.matcher(whole)
            .replaceAll("ID")
            .replaceAll("group-[0-9a-fA-F]{12}", "group")
            .replaceAll("[0-9]+", "")
            .replaceAll("[-_#:/. @>]+$", "");
    return plain.isEmpty() ? name : plain;
  }

  /** What was spent between two moments. */
  static Map<String, Long> spent(Map<String, Long> before, Map<String, Long> after) {
    Map<String, Long> spent = new TreeMap<>();
    after.forEach((group, nanos) -> {
      long more = nanos - before.getOrDefault(group, 0L);
      if (more > 0) {
        spent.put(group, more);
      }
    });
    return spent;
  }

  /** Whether these threads compile. */
  static boolean isCompiler(String group) {
    return group.startsWith("C Compiler") || group.startsWith("C CompilerT");
  }
}
