package org.ferrisdb.benchmarks.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class ReportTest {
  private final Summary summary = new Summary(Samples.results());

  @Test
  void theTerminalShowsThroughputAndRatiosInColumns() {
    GoldenFile.check("race.txt", new Report(summary).terminal());
  }

  @Test
  void markdownSaysHowTheFiguresCameAboutAndHasAllTables() {
    GoldenFile.check("race.md", new Report(summary).markdown());
  }

  @Test
  void theChartIsOneWellFormedFileThatNeedsNothingElse() throws Exception {
    String svg = Chart.svg(summary);
    GoldenFile.check("race.svg", svg);
    Document document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(svg)));
    assertThat(document.getDocumentElement().getTagName()).isEqualTo("svg");
    assertThat(svg).doesNotContain("href").doesNotContain("url(").doesNotContain("@import");
  }

  @Test
  void errorsAreToldBesideTheFigureTheyCameWith() {
    assertThat(new Report(summary).terminal()).contains("3,000, 7 errors");
  }
}
