package org.ferrisdb.benchmarks.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedMethod;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;
import org.jspecify.annotations.Nullable;

/**
 * CPU samples of JVMs ({@code jdk.CPUTimeSample}, one for each 10 ms of CPU that a thread has
 * spent, also in native code), added up in several ways. Threads of the JVM itself (compilers,
 * garbage collector) are not sampled. Not thread-safe.
 */
final class CpuProfile {
  private static final String EVENT = "jdk.CPUTimeSample";

  private final Map<String, Integer> groups = new HashMap<>();
  private final Map<String, Integer> purposes = new HashMap<>();
  private final Map<String, Integer> tops = new HashMap<>();
  private final Map<String, Integer> owns = new HashMap<>();
  private long samples;
  private long failed;

  /**
   * Something that CPU went to.
   *
   * @param name what
   * @param weight how much
   */
  record Line(String name, double weight) {}

  private CpuProfile() {}

  /** The samples of several recordings between two moments. */
  static CpuProfile read(List<Path> recordings, Instant from, Instant to) {
    CpuProfile profile = new CpuProfile();
    for (Path recording : recordings) {
      try (RecordingFile file = new RecordingFile(recording)) {
        while (file.hasMoreEvents()) {
          RecordedEvent event = file.readEvent();
          boolean inside =
              !event.getStartTime().isBefore(from) && event.getStartTime().isBefore(to);
          if (inside && event.getEventType().getName().equals(EVENT)) {
            profile.add(event);
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return profile;
  }

  private void add(RecordedEvent event) {
    samples++;
    @Nullable RecordedThread thread = event.getThread();
    @Nullable String name = thread == null ? null : thread.getJavaName();
    String group = name == null ? "(unknown)" : ThreadCpu.group(name);
    groups.merge(group, 1, Integer::sum);
    @Nullable RecordedStackTrace stack = event.getStackTrace();
    if (stack == null || stack.getFrames().isEmpty()) {
      failed++;
      return;
    }
    List<RecordedFrame> frames = stack.getFrames();
    List<String> names = frames.stream().map(CpuProfile::name).toList();
    tops.merge(names.getFirst(), 1, Integer::sum);
    purposes.merge(Purpose.of(names), 1, Integer::sum);
    String own =
        names.stream()
            .filter(n -> n.startsWith("org.ferrisdb.") || isRatis(n))
            .findFirst()
            .orElse("(neither)");
    owns.merge(group + ": " + own, 1, Integer::sum);
  }

  private static boolean isRatis(String frame) {
    return frame.startsWith("org.apache.ratis.") && !frame.contains(".thirdparty.");
  }

  private static String name(RecordedFrame frame) {
    RecordedMethod method = frame.getMethod();
    return method.getType().getName() + "." + method.getName();
  }

  /** How many. */
  long samples() {
    return samples;
  }

  /** Those without a stack. */
  long failed() {
    return failed;
  }

  /** By name of the thread without its numbers. */
  List<Line> groups() {
    return sorted(groups);
  }

  /** By {@link Purpose}. */
  List<Line> purposes() {
    return sorted(purposes);
  }

  /** By method that was running. */
  List<Line> topFrames() {
    return sorted(tops);
  }

  /** By thread group and innermost method of FerrisDB or Ratis. */
  List<Line> ownFrames() {
    return sorted(owns);
  }

  private static List<Line> sorted(Map<String, Integer> counts) {
    return counts.entrySet().stream()
        .map(e -> new Line(e.getKey(), e.getValue()))
        .sorted((a, b) -> {
          int byWeight = Double.compare(b.weight(), a.weight());
          return byWeight != 0 ? byWeight : a.name().compareTo(b.name());
        })
        .toList();
  }
}
