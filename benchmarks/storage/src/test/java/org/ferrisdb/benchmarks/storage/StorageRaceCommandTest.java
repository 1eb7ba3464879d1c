package org.ferrisdb.benchmarks.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.ferrisdb.benchmarks.cluster.Machine;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import picocli.CommandLine;

class StorageRaceCommandTest {
  private @TempDir Path directory;
  private final ByteArrayOutputStream console = new ByteArrayOutputStream();
  private final StringWriter errors = new StringWriter();
  private Path out;

  @BeforeEach
  void chooseAPlace() {
    out = directory.resolve("out");
  }

  private int run(String... args) {
    PrintStream print = new PrintStream(console, true, StandardCharsets.UTF_8);
    return new CommandLine(new StorageRaceCommand(directory, print, "./ferris race storage"))
        .setErr(new PrintWriter(errors, true))
        .execute(args);
  }

  private String printed() {
    return console.toString(StandardCharsets.UTF_8);
  }

  /** Figures that are easy to know again: contestant c's is so many times the first one's. */
  private static Results results(Data data, Workload... workloads) {
    List<DataSet.Run> runs = new ArrayList<>();
    List<Contestant> contestants = List.of(Contestant.FERRIS, Contestant.ROCKSDB);
    for (int repetition = 1; repetition <= 3; repetition++) {
      for (int c = 1; c <= contestants.size(); c++) {
        List<Measurement> measurements = new ArrayList<>();
        for (Workload w : workloads) {
          double each = c * (1 + repetition / 10.0);
          double userMb = w.userBytes(1_000_000, data) / 1e6;
          measurements.add(
              new Measurement(
                  w.id(),
                  1_000_000,
                  each,
                  each,
                  each / 2,
                  each,
                  3 * each,
                  1_000 * each,
                  userMb,
                  userMb * each,
                  userMb,
                  100 * each));
        }
        String id = contestants.get(c - 1).id();
        runs.add(new DataSet.Run(id, repetition, "", List.copyOf(measurements)));
      }
    }
    DataSet set = new DataSet("100b", data.records(), data.valueBytes(), List.of("-Xmx2g"), runs);
    Machine machine = new Machine(2, "a CPU", "none", 24_000, "Linux", "ext4", "a JDK", 0.1);
    return new Results(Results.SCHEMA, "./ferris race storage", machine, 2, List.of(set));
  }

  private static Document xml(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(svg)));
  }

  private static List<Element> elements(Document document, String name) {
    NodeList nodes = document.getElementsByTagName(name);
    List<Element> found = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      found.add((Element) nodes.item(i));
    }
    return found;
  }

  @Test
  void aPlotHasABarForEachContestantAsLongAsItsMedian() throws Exception {
    Results results = results(Profile.B100.data(), Workload.READRANDOM);
    String svg = Objects.requireNonNull(Plot.all(results.sets()).get("readrandom.svg"));
    List<Element> bars = elements(xml(svg), "rect");
    assertThat(bars).hasSize(2);
    double ferris = Double.parseDouble(bars.get(0).getAttribute("width"));
    double rocks = Double.parseDouble(bars.get(1).getAttribute("width"));
    assertThat(ferris / rocks).isBetween(1.98, 2.02); // half the time, twice the rate
    List<String> texts = elements(xml(svg), "text").stream().map(Element::getTextContent).toList();
    assertThat(texts)
        .contains("FerrisDB", "RocksDB", "operations a second", "2,000,000 records of 100 B")
        .contains("833,333/s, CPU 1.20 us", "0", "200k", "1M");
    assertThat(svg).doesNotContain("href").doesNotContain("url(").doesNotContain("@import");
    assertThat(svg).contains("prefers-color-scheme:dark");
  }

  /** No bar, line or figure may reach out of the picture, however long or small. */
  @Test
  void everyPlotIsWellFormedAndInsideItsFrame() throws Exception {
    Results results = results(Profile.K16.data(), Workload.values());
    Map<String, String> plots = Plot.all(results.sets());
    assertThat(plots).hasSize(Workload.values().length + 3);
    for (Map.Entry<String, String> plot : plots.entrySet()) {
      Document document = xml(plot.getValue());
      double width = Double.parseDouble(document.getDocumentElement().getAttribute("width"));
      double height = Double.parseDouble(document.getDocumentElement().getAttribute("height"));
      for (Element line : elements(document, "line")) {
        assertThat(Double.parseDouble(line.getAttribute("x2"))).as(plot.getKey()).isLessThan(width);
      }
      for (Element text : elements(document, "text")) {
        double end = Double.parseDouble(text.getAttribute("x"));
        boolean behind = text.getAttribute("text-anchor").isEmpty();
        end += behind ? 6 * text.getTextContent().length() : 0;
        assertThat(end).as(plot.getKey() + ": " + text.getTextContent()).isLessThan(width);
        assertThat(Double.parseDouble(text.getAttribute("y"))).isLessThan(height);
      }
    }
  }

  @Test
  void axesHaveFewTicksAtRoundNumbers() {
    for (double most : new double[] {0.003, 0.9, 1, 4.99, 5.01, 833_333, 5.4e6, 1.4e7}) {
      double step = Plot.step(most);
      assertThat(most / step).as("%f", most).isBetween(1.9, 5.0);
      assertThat(Plot.number(step)).as("%f", most).matches("0?\\.?0*[125]0*[kM]?");
    }
    assertThat(Plot.number(1_500_000)).isEqualTo("1.5M");
    assertThat(Plot.number(0)).isEqualTo("0");
    assertThat(Plot.number(100)).isEqualTo("100");
  }

  @Test
  void tablesTellWhatWritingCostsBesideTheSpeed() {
    Results results =
        results(
            Profile.B100.data(), Workload.COMPACT, Workload.OVERWRITE, Workload.OVERWRITE_STEADY);
    assertThat(new Report(results).markdown())
        .contains("| overwrite | 833,333/s 0.60 3.60 1,200 CPU 1.20 |")
        .contains("2.00 (2.00 to 2.00)")
        .contains("| write amplification, overwrite-steady | 1.20 | 2.40 |")
        .contains("120 MB, 0.52")
        .contains("| longest write | 1.2 ms, 1.3 ms | 2.4 ms, 2.6 ms |");
  }

  @Test
  void theReportIsWrittenAnewFromTheResults() throws IOException {
    Files.createDirectories(out);
    Results results = results(Profile.B100.data(), Workload.OVERWRITE_STEADY, Workload.READSEQ);
    results.write(out.resolve("results.json"));
    results(Profile.K1.data(), Workload.READSEQ).write(out.resolve("results-1k.json"));
    Files.writeString(out.resolve("results-old.json"), "{\"schema\": \"ferrisdb-storage-race/1\"}");
    assertThat(run("--report", out.toString())).isZero();
    assertThat(printed()).contains("results-old.json: is left out");
    assertThat(Files.readString(out.resolve("storage-race.md")))
        .contains("2,000,000 records of 100 B", "500,000 records of 1 KiB");
    assertThat(Files.readString(out.resolve("readseq.svg")))
        .contains("2,000,000 records of 100 B", "500,000 records of 1 KiB");
    assertThat(out.resolve("overwrite-steady.svg")).exists();
    assertThat(out.resolve("readrandom.svg")).doesNotExist();
    assertThat(Results.read(out.resolve("results.json"))).contains(results);
  }

  @Test
  void resultsThatAreNoneOrTwiceAreRefusedByName() throws IOException {
    Files.createDirectories(out);
    assertThat(run("--report", out.toString())).isEqualTo(2);
    results(Profile.B100.data(), Workload.READSEQ).write(out.resolve("results.json"));
    results(Profile.B100.data(), Workload.READSEQ).write(out.resolve("results-2.json"));
    assertThat(run("--report", out.toString())).isEqualTo(2);
    assertThat(run("--report", out.resolve("absent").toString())).isEqualTo(2);
    assertThat(errors.toString())
        .contains("no results.json of this version", "as another file does", "is no directory");
  }

  @Test
  void aPlaceThatCanNotBeWrittenIsRefusedBeforeTheMeasuring() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "");
    assertThat(run("--records", "1000", "--out", file.resolve("below").toString())).isEqualTo(2);
    assertThat(errors.toString())
        .contains("can not be written to", "--out")
        .doesNotContain("\tat ");
    assertThat(printed()).isEmpty();
  }

  @Test
  void optionsThatContradictEachOtherAreRefused() {
    assertThat(run("--profile", "1k", "--records", "5000")).isEqualTo(2);
    assertThat(run("--profile", "2k")).isEqualTo(2);
    assertThat(run("--records", "10")).isEqualTo(2);
    assertThat(run("--workloads", "fillslow")).isEqualTo(2);
    assertThat(run("--seconds", "0")).isEqualTo(2);
    assertThat(errors.toString()).contains("[100b, 1k, 16k, 20m]", "--records must be");
    assertThat(printed()).isEmpty();
  }

  /** The whole way, with JVMs of their own. */
  @Test
  void aSmallRaceLeavesResultsTablesAndPlots() throws IOException {
    String[] args = {
      "--records",
      "2000",
      "--seconds",
      "0.02",
      "--reps",
      "1",
      "--contestants",
      "ferris,rocksdb",
      "--workloads",
      "recover,readrandom-large,overwrite,overwrite-steady",
      "--out",
      out.toString()
    };
    assertThat(run(args)).as(printed()).isZero();
    try (Stream<Path> files = Files.list(out)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .contains(
              "results.json",
              "storage-race.md",
              "recover.svg",
              "readrandom-large.svg",
              "overwrite-steady.svg",
              "write-amplification.svg",
              "space.svg",
              "longest-write.svg");
    }
    Results read = Results.read(out.resolve("results.json")).orElseThrow();
    assertThat(read.sets().getFirst().contestants())
        .containsExactly(Contestant.FERRIS, Contestant.ROCKSDB);
    assertThat(read.sets().getFirst().runs()).allMatch(r -> r.failure().isEmpty());
  }
}
