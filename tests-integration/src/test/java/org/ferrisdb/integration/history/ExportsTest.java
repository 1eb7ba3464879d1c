package org.ferrisdb.integration.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The exports, byte for byte: other programs read them. */
class ExportsTest {
  private static final List<Event> EVENTS =
      List.of(
          event(0, 1234, "3", Event.Type.INVOKE, "write", "k1", 5L),
          event(1, 1300, "4", Event.Type.INVOKE, "cas", "k1", Arrays.asList(null, 6L)),
          event(2, 2000, Event.NEMESIS, Event.Type.INFO, "kill-one", null, Map.of("node", "n2")),
          new Event(
              3,
              2100,
              "3",
              Event.Type.INFO,
              "write",
              "k1",
              5L,
              Map.of("error", "a \"quoted\"\n\\")),
          event(4, 2200, "4", Event.Type.OK, "cas", "k1", Arrays.asList(null, 6L)),
          event(5, 2300, "5", Event.Type.INVOKE, "txn", null, txn(null)),
          event(6, 2400, "5", Event.Type.OK, "txn", null, txn(List.of(3L, 7L))),
          event(7, 2500, "6", Event.Type.INVOKE, "transfer", null, ordered("from", 1L, "to", 2L)),
          event(8, 2600, "7", Event.Type.OK, "read", null, ordered("0", 10L, "x y", null)),
          event(9, 2700, "8", Event.Type.FAIL, "add", "s", true));

  private static final String JSON =
      """
      {"index":0,"time":1234,"process":3,"type":"invoke","f":"write","key":"k1","value":5}
      {"index":1,"time":1300,"process":4,"type":"invoke","f":"cas","key":"k1","value":[null,6]}
      {"index":2,"time":2000,"process":"nemesis","type":"info","f":"kill-one","value":{"node":"n2"}}
      {"index":3,"time":2100,"process":3,"type":"info","f":"write","key":"k1","value":5,"error":"a \\"quoted\\"\\n\\\\"}
      {"index":4,"time":2200,"process":4,"type":"ok","f":"cas","key":"k1","value":[null,6]}
      {"index":5,"time":2300,"process":5,"type":"invoke","f":"txn","value":[["append","k",7],["r","k",null]]}
      {"index":6,"time":2400,"process":5,"type":"ok","f":"txn","value":[["append","k",7],["r","k",[3,7]]]}
      {"index":7,"time":2500,"process":6,"type":"invoke","f":"transfer","value":{"from":1,"to":2}}
      {"index":8,"time":2600,"process":7,"type":"ok","f":"read","value":{"0":10,"x y":null}}
      {"index":9,"time":2700,"process":8,"type":"fail","f":"add","key":"s","value":true}
      """;

  private static final String EDN =
      """
      {:index 0, :time 1234, :process 3, :type :invoke, :f :write, :key "k1", :value 5}
      {:index 1, :time 1300, :process 4, :type :invoke, :f :cas, :key "k1", :value [nil 6]}
      {:index 2, :time 2000, :process :nemesis, :type :info, :f :kill-one, :value {"node" "n2"}}
      {:index 3, :time 2100, :process 3, :type :info, :f :write, :key "k1", :value 5, :error "a \\"quoted\\"\\n\\\\"}
      {:index 4, :time 2200, :process 4, :type :ok, :f :cas, :key "k1", :value [nil 6]}
      {:index 5, :time 2300, :process 5, :type :invoke, :f :txn, :value [[:append "k" 7] [:r "k" nil]]}
      {:index 6, :time 2400, :process 5, :type :ok, :f :txn, :value [[:append "k" 7] [:r "k" [3 7]]]}
      {:index 7, :time 2500, :process 6, :type :invoke, :f :transfer, :value {:from 1, :to 2}}
      {:index 8, :time 2600, :process 7, :type :ok, :f :read, :value {0 10, "x y" nil}}
      {:index 9, :time 2700, :process 8, :type :fail, :f :add, :key "s", :value true}
      """;

  @TempDir Path directory;

  @Test
  void jsonLinesAreAsSpecified() throws IOException {
    StringBuilder text = new StringBuilder();
    HistoryJson.write(EVENTS, text);
    assertThat(text).hasToString(JSON);
  }

  @Test
  void ednHasTheKeywordsThatJepsensCheckersExpect() throws IOException {
    StringBuilder text = new StringBuilder();
    HistoryEdn.write(EVENTS, text);
    assertThat(text).hasToString(EDN);
  }

  @Test
  void whatWasWrittenIsReadBackEqual() throws IOException {
    for (String name : List.of("history.jsonl", "history.jsonl.gz")) {
      Path file = directory.resolve(name);
      HistoryJson.write(EVENTS, file);
      assertThat(HistoryJson.read(file)).isEqualTo(EVENTS);
    }
    assertThat(Files.size(directory.resolve("history.jsonl.gz")))
        .isLessThan(Files.size(directory.resolve("history.jsonl")) / 2);
  }

  @Test
  void aLineThatIsNoEventIsNamed() {
    String good = JSON.lines().findFirst().orElseThrow();
    for (String bad :
        List.of(
            "{",
            "[]",
            "{\"index\":1}",
            good.replace("invoke", "begin"),
            good.replace("1234", "\"now\""),
            good.replace("\"write\"", "7"),
            good.substring(0, 40))) {
      assertThatThrownBy(() -> HistoryJson.read(new StringReader(good + "\n\n" + bad), "run.jsonl"))
          .as(bad)
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("run.jsonl line 3 is not an event of a history: ");
    }
  }

  private static List<Object> txn(@Nullable List<Long> read) {
    return List.of(List.of("append", "k", 7L), Arrays.asList("r", "k", read));
  }

  private static Map<String, @Nullable Object> ordered(
      String a, @Nullable Object x, String b, @Nullable Object y) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put(a, x);
    map.put(b, y);
    return map;
  }

  private static Event event(
      long index,
      long time,
      String process,
      Event.Type type,
      String f,
      @Nullable String key,
      @Nullable Object value) {
    return new Event(index, time, process, type, f, key, value, Map.of());
  }
}
