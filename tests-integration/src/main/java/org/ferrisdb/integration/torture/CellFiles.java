package org.ferrisdb.integration.torture;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.ferrisdb.integration.check.Violation;
import org.ferrisdb.integration.history.Event;
import org.ferrisdb.integration.history.HistoryEdn;
import org.ferrisdb.integration.history.HistoryJson;
import org.ferrisdb.integration.timeline.Timeline;

/**
 * The files of one cell:
 *
 * <pre>
 *   history.jsonl           all events, those of the fault too
 *   WORKLOAD.jsonl, .edn    one workload's, for outside checkers
 *   timeline.html           all of it as a picture
 *   verdict.txt             what is wrong, the longest gap, the command that repeats it
 *   logs/NODE/...           what the nodes said
 * </pre>
 */
final class CellFiles {
  private final Path directory;

  CellFiles(Path directory) {
    this.directory = directory;
  }

  void history(List<Event> events, List<Violation> violations) throws IOException {
    Files.createDirectories(directory);
    HistoryJson.write(events, directory.resolve("history.jsonl"));
    Timeline.write(events, violations, directory.resolve("timeline.html"));
  }

  void workload(String name, List<Event> own) throws IOException {
    Files.createDirectories(directory);
    HistoryJson.write(own, directory.resolve(name + ".jsonl"));
    HistoryEdn.write(own, directory.resolve(name + ".edn"));
  }

  /**
   * @param longestGap how long nobody was served, and where, in words
   */
  void verdict(CellResult result, TortureSettings settings, String longestGap) throws IOException {
    List<String> lines = new ArrayList<>(Report.wrongs(result));
    if (lines.isEmpty()) {
      lines.add("right");
    }
    lines.add("longest gap: " + longestGap);
    lines.add("again: " + settings.command(result.cell()));
    Files.createDirectories(directory);
    Files.writeString(
        directory.resolve("verdict.txt"), String.join("\n", lines) + "\n", StandardCharsets.UTF_8);
  }

  Path logs() {
    return directory.resolve("logs");
  }
}
