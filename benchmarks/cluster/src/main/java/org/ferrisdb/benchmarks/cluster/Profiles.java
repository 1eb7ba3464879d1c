package org.ferrisdb.benchmarks.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.ferrisdb.benchmarks.cluster.CpuProfile.Line;
import org.ferrisdb.benchmarks.cluster.Results.Run;

/** Where FerrisDB's CPU went, cell by cell, from the recordings that a race with --profile left. */
final class Profiles {
  static final String DIRECTORY = "profile";

  private static final int GROUPS = 16;
  private static final int FRAMES = 40;

  private Profiles() {}

  /** All cells of all runs that have recordings, as Markdown; empty without any. */
  static String markdown(Results results, Path out) {
    StringBuilder text = new StringBuilder();
    for (Run run : results.runs()) {
      List<Path> recordings = recordings(out, run.contestant() + "-" + run.repetition() + "-");
      for (CellResult cell : recordings.isEmpty() ? List.<CellResult>of() : run.cells()) {
        CpuProfile profile =
            CpuProfile.read(
                recordings,
                Instant.ofEpochMilli(cell.fromMillis()),
                Instant.ofEpochMilli(cell.toMillis()));
        text.append(cell(run, cell, profile));
      }
    }
    return text.toString();
  }

  private static List<Path> recordings(Path out, String prefix) {
    Path dir = out.resolve(DIRECTORY);
    if (!Files.isDirectory(dir)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(dir)) {
      return files.filter(f -> f.getFileName().toString().startsWith(prefix)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String cell(Run run, CellResult cell, CpuProfile profile) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "## %s, repetition %d: %,.0f ops/s, servers %.0f us an operation%n%n",
            cell.cell(),
            run.repetition(),
            cell.opsPerSecond(),
            cell.serverCpuMicros()));
    text.append("By thread group, as Linux counts (all threads):\n\n");
    List<Line> linux = new ArrayList<>();
    cell.serverThreadsCpuMicros().forEach((g, us) -> linux.add(new Line(g, us)));
    linux.sort((a, b) -> Double.compare(b.weight(), a.weight()));
    lines(text, linux, GROUPS, cell.serverCpuMicros(), cell.serverCpuMicros());
    text.append(
        String.format(
            Locale.ROOT,
            "%nSamples of Java threads (%,d, one for each 10 ms of CPU; %,d failed).%n%n",
            profile.samples(),
            profile.failed()));
    double micros = profile.samples() * 10_000.0 / Math.max(1, cell.operations());
    section(text, "By thread group", profile.groups(), GROUPS, profile, micros);
    section(text, "By what it was for", profile.purposes(), FRAMES, profile, micros);
    section(text, "By top frame", profile.topFrames(), FRAMES, profile, micros);
    section(
        text, "By first frame of FerrisDB or Ratis", profile.ownFrames(), FRAMES, profile, micros);
    return text.toString();
  }

  private static void section(
      StringBuilder text,
      String title,
      List<Line> lines,
      int most,
      CpuProfile profile,
      double micros) {
    text.append(title).append(":\n\n");
    lines(text, lines, most, (double) profile.samples(), micros);
    text.append('\n');
  }

  private static void lines(
      StringBuilder text, List<Line> lines, int most, double whole, double micros) {
    text.append("| us | % | |\n|---:|---:|---|\n");
    for (Line line : lines.subList(0, Math.min(most, lines.size()))) {
      double part = line.weight() / Math.max(1e-9, whole);
      text.append(
          String.format(
              Locale.ROOT, "| %.1f | %.1f | %s |%n", part * micros, part * 100, line.name()));
    }
  }
}
