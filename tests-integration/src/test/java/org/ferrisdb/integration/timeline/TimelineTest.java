package org.ferrisdb.integration.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.ferrisdb.integration.check.Violation;
import org.ferrisdb.integration.history.Event;
import org.ferrisdb.integration.history.History;
import org.ferrisdb.integration.history.History.Call;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page holds everything it needs, and no value can break out of its place. */
class TimelineTest {
  @TempDir Path directory;

  private long now;
  private final History history = new History(() -> now);

  private void calls(int count) {
    Random random = new Random(1);
    int[] processes = new int[10];
    for (int c = 0; c < processes.length; c++) {
      processes[c] = history.newProcess();
    }
    Map<Integer, Call> open = new HashMap<>();
    for (int i = 0; i < count; i++) {
      now += 20_000 + random.nextInt(200_000);
      int c = random.nextInt(processes.length);
      if (i == count / 3) {
        history.nemesis("kill-one", Map.of("phase", "begin", "down", List.of("n2")));
      } else if (i == count / 2) {
        history.nemesis("kill-one", Map.of("phase", "end", "down", List.of()));
      }
      Call call = open.remove(c);
      if (call == null) {
        open.put(c, history.invoke(processes[c], "write", "k" + c, (long) i));
      } else if (random.nextInt(50) == 0) {
        history.info(call, "timeout");
        processes[c] = history.newProcess();
      } else {
        history.ok(call, null);
      }
    }
  }

  @Test
  void oneFileWithoutAnythingFromElsewhere() throws IOException {
    calls(2000);
    Path file = directory.resolve("run.html");
    Timeline.write(
        history.events(), List.of(new Violation("stale read", "of k1", List.of(10L, 11L))), file);
    String html = Files.readString(file);
    assertThat(html)
        .contains("\"title\":\"run.html\"")
        .contains("\"anomaly\":\"stale read\"")
        .contains("\"kill-one\"")
        .doesNotContain("/*DATA*/null")
        .doesNotContain("src=")
        .doesNotContain("http");
  }

  @Test
  void aValueCanNotEndTheScript() throws IOException {
    history.ok(history.invoke(history.newProcess(), "write", "k", "</script><b>"), null);
    String html = Timeline.html(history.events(), List.of(), "x");
    assertThat(html.split("</script>", -1)).hasSize(2);
    assertThat(html).contains("\\u003c/script\\u003e");
  }

  @Test
  void aClientThatGoesOnUnderANewNumberKeepsItsLane() {
    calls(2000);
    Map<String, Integer> lanes = Lanes.of(history.events());
    assertThat(lanes).hasSizeGreaterThan(15);
    assertThat(lanes.values()).allMatch(lane -> lane < 10);
  }

  @Test
  void fiftyThousandOperationsFitIntoAFewMegabytes() throws IOException {
    calls(100_000);
    List<Event> events = history.events();
    Path file = directory.resolve("big.html");
    Timeline.write(events, List.of(), file);
    assertThat(Files.size(file)).isBetween(1_000_000L, 10_000_000L);
  }
}
