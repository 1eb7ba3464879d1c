package org.ferrisdb.integration.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ferrisdb.client.Bytes.utf8;
import static org.junit.jupiter.api.Assumptions.abort;

import com.google.gson.JsonElement;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.awaitility.core.ConditionTimeoutException;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.Entry;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.client.FerrisException;
import org.ferrisdb.integration.cluster.ClusterUnderTest;
import org.junit.jupiter.api.Test;

/** The console of a real cluster, in a real browser, while nodes die and come back. */
class ConsoleTest {
  private static final Path SHOTS = Path.of("target", "console");

  /** Where a new cluster is split: keys that would like to be markup. */
  private static final String IMAGE = "<img src=x onerror=alert(1)>";

  private static final String SCRIPT = "<script>alert(2)</script>";

  @Test
  void thePageShowsTheClusterAndWhatHappensToIt() throws Exception {
    skipWithoutBrowser();
    Map<String, String> split = Map.of("cluster.split-keys", IMAGE + "," + SCRIPT + ",m");
    try (ClusterUnderTest cluster = ClusterUnderTest.start(4, split);
        Browser browser = Browser.start();
        Ferris ferris = cluster.connect();
        Load load = new Load(ferris)) {
      var victim = cluster.dataLeaderWithoutMeta();
      String seat =
          List.of("n1", "n2", "n3").stream()
              .filter(n -> !n.equals(victim.node()))
              .findFirst()
              .orElseThrow();
      String origin = "http://127.0.0.1:" + cluster.processes().node(seat).ports().http() + "/";
      browser.open(origin);
      Page page = new Page(cluster, browser);

      everythingIsThere(page, cluster, seat);
      keysAreTextAndNeverMarkup(browser);
      arrowKeysMoveAlongTheShards(page, browser);
      everyTextCanBeRead(browser, "light");
      everyTextCanBeRead(browser, "dark");
      itFitsAPhone(browser);
      itAsksOnceInTwoSeconds(browser);

      cluster.processes().kill(victim.node());
      page.shows(
          "#health",
          text -> text.startsWith("DEGRADED") && text.contains(victim.node() + " is down"));
      page.shows(
          "#events",
          text -> text.contains(victim.node() + " is down: it does not answer any more"));
      page.shows(
          "#events",
          text -> text.matches("(?s).* took over [^\\n]* from " + victim.node() + ".*term \\d+.*"));
      page.await(
          "another leader's colour",
          "return !document.querySelector('[data-shard=s"
              + victim.shard()
              + "]')"
              + ".getAttribute('aria-label').includes('led by "
              + victim.node()
              + "')"
              + " && !document.querySelector('button.nobody')");
      page.shows("#nodes", text -> text.contains("down: connection refused"));
      browser.screenshot(SHOTS.resolve("degraded.png"));

      cluster.processes().start(victim.node());
      page.shows("#health", text -> text.startsWith("HEALTHY"));
      page.shows("#events", text -> text.contains(victim.node() + " is up"));
      assertThat(browser.complaints()).as("errors and warnings of the page").isEmpty();

      itSaysWhenItsNodeIsGone(page, cluster, browser, seat);
      assertThat(browser.requests())
          .as("every request of the page")
          .hasSizeGreaterThan(10)
          .allMatch(url -> url.startsWith(origin) || url.startsWith("data:"));
      load.check();
      cluster.passed();
    }
  }

  /** What {@code ./ferris test} has prepared must be there; it says itself what it could not. */
  private static void skipWithoutBrowser() {
    String wish = System.getenv().getOrDefault("FERRIS_BROWSER_TESTS", "auto");
    if (wish.equals("no")) {
      abort("FERRIS_BROWSER_TESTS=no");
    }
    Browser.missing()
        .ifPresent(why -> {
          assertThat(wish).as(why).isNotEqualTo("required");
          abort("the console is not tested in a browser: " + why);
        });
  }

  private static void everythingIsThere(Page page, ClusterUnderTest cluster, String seat) {
    Browser browser = page.browser;
    page.shows("#health", text -> text.startsWith("HEALTHY"));
    assertThat(page.browser.text("#health"))
        .isEqualTo("HEALTHY " + cluster.processes().health().sentence());
    assertThat(browser.text("#cluster")).endsWith("seen from " + seat);
    assertThat(browser.count("#strip button")).isEqualTo(5);
    assertThat(browser.count("#legend li")).isEqualTo(3);
    assertThat(browser.count("#nodes tbody tr")).isEqualTo(3);
    assertThat(browser.count("#shard tbody tr")).isEqualTo(3);
    assertThat(browser.count("#lsm figure")).isEqualTo(4);
    assertThat(browser.count("#traffic article")).isEqualTo(3);
    page.shows("#events", text -> text.contains(seat + " started"));
    for (String kind : List.of("get", "scan", "write")) {
      page.await(
          kind + " rate, and lines of rate and latency",
          "const c = document.querySelector('article[data-kind="
              + kind
              + "]');"
              + "return parseFloat(c.querySelector('.rate').innerText) > 0"
              + " && c.querySelectorAll('path.line').length >= 3"
              + " && [...c.querySelectorAll('path.line:not(.errors)')].every(p => p.getAttribute('d').length > 20)"
              + " && [...c.querySelectorAll('.numbers b')].every(b => b.innerText !== '–')");
    }
    page.await(
        "bytes make widths: an empty shard is narrower than the one that is written to",
        "const width = n => document.querySelector(`#strip [data-shard=${n}]`).offsetWidth;"
            + "return width('s4') > 2 * width('s1')");
  }

  private static void keysAreTextAndNeverMarkup(Browser browser) {
    browser.run("document.querySelector('[data-shard=s2]').click()");
    assertThat(browser.text("#shard .range")).contains(IMAGE, SCRIPT);
    assertThat(browser.count("main img, main script, main [onerror]")).isZero();
  }

  private static void arrowKeysMoveAlongTheShards(Page page, Browser browser) {
    browser.run("document.querySelector('[data-shard=s2]').focus()");
    browser.press("\uE014"); // right
    assertThat(browser.text("#shard h3")).isEqualTo("Shard s3");
    assertThat(browser.run("return document.activeElement.dataset.shard").getAsString())
        .isEqualTo("s3");
    browser.press("\uE011"); // home
    assertThat(browser.text("#shard h3")).isEqualTo("The meta group");
    assertThat(browser.count("#strip button[tabindex='0']")).as("one stop of the tab key").isOne();
    String before = browser.text("#live");
    page.shows("#live", text -> !text.equals(before));
    assertThat(browser.run("return document.activeElement.dataset.shard").getAsString())
        .as("the focus outlives a poll")
        .isEqualTo("meta");
  }

  /** The contrast that WCAG 2 asks for (AA), of every text as it is drawn. */
  private static void everyTextCanBeRead(Browser browser, String scheme) {
    browser.devTools(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    JsonElement dim =
        browser.run(
            """
            const channel = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
            const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
            const rgba = s => s.match(/[\\d.]+/g).map(Number);
            const behind = e => {
              for (; e; e = e.parentElement) {
                const style = getComputedStyle(e);
                const c = rgba(style.backgroundColor);
                if (c.length === 3 || c[3] === 1) return c;
              }
              return [255, 255, 255];
            };
            const dim = [];
            document.getAnimations().forEach(a => a.finish());
            const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            while (walk.nextNode()) {
              const e = walk.currentNode.parentElement;
              if (!walk.currentNode.nodeValue.trim() || !e.checkVisibility() || e.closest('noscript')) continue;
              const [a, b] = [light(rgba(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
              const contrast = (a + 0.05) / (b + 0.05);
              if (contrast < 4.5) dim.push(`${walk.currentNode.nodeValue}: ${contrast.toFixed(2)}`);
            }
            return dim;
            """);
    assertThat(dim.getAsJsonArray()).as("text of too little contrast, " + scheme).isEmpty();
    browser.screenshot(SHOTS.resolve(scheme + ".png"));
  }

  private static void itFitsAPhone(Browser browser) {
    browser.devTools(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", 390, "height", 844, "deviceScaleFactor", 2, "mobile", true));
    assertThat(browser.run("return document.documentElement.scrollWidth").getAsInt())
        .as("nothing sticks out")
        .isLessThanOrEqualTo(390);
    browser.screenshot(SHOTS.resolve("phone.png"));
    browser.devTools("Emulation.clearDeviceMetricsOverride", Map.of());
  }

  private static void itAsksOnceInTwoSeconds(Browser browser) {
    double shortest =
        browser
            .run(
                "const t = performance.getEntriesByName(new URL('console/data', location)).map(e => e.startTime);"
                    + "return Math.min(...t.slice(1).map((x, i) => x - t[i]))")
            .getAsDouble();
    assertThat(shortest).as("milliseconds between two requests").isBetween(1_900.0, 60_000.0);
  }

  private static void itSaysWhenItsNodeIsGone(
      Page page, ClusterUnderTest cluster, Browser browser, String seat) {
    assertThat(browser.run("return document.getElementById('lost').hidden").getAsBoolean())
        .isTrue();
    cluster.processes().kill(seat);
    page.shows("#lost", text -> text.startsWith(seat + " can not be reached since "));
    assertThat(browser.text("#lost")).contains("Look from another node");
    assertThat(browser.count("#lost a[href^='http://127.0.0.1:']")).isEqualTo(2);
    assertThat(browser.text("#live")).isEqualTo("not connected");
    browser.screenshot(SHOTS.resolve("lost.png"));
    cluster.processes().start(seat);
    page.await("connected again", "return document.getElementById('lost').hidden");
    page.shows("#health", text -> text.startsWith("HEALTHY"));
  }

  /** Waits for what the page shows. */
  private record Page(ClusterUnderTest cluster, Browser browser) {
    void shows(String selector, Predicate<String> text) {
      try {
        cluster.await(selector, () -> text.test(browser.text(selector)));
      } catch (ConditionTimeoutException e) {
        throw new AssertionError(selector + " shows\n" + browser.text(selector), e);
      }
    }

    void await(String what, String script) {
      cluster.await(what, () -> browser.run(script).getAsBoolean());
    }
  }

  /** Writes, reads and scans until it is closed. */
  private static final class Load implements AutoCloseable {
    private final AtomicBoolean stop = new AtomicBoolean();
    private final Thread thread;
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();

    Load(Ferris ferris) {
      thread = Thread.ofVirtual().start(() -> run(ferris));
    }

    private void run(Ferris ferris) {
      byte[] value = new byte[2_000];
      for (int i = 0; !stop.get(); i++) {
        try {
          ferris.put(utf8("n/" + i % 2_000), Bytes.ofBytes(value));
          var _ = ferris.get(utf8("a/" + i % 100));
          if (i % 20 == 0) {
            for (Entry entry : ferris.scanPrefix(utf8("n/19"))) {
              assertThat(entry.value().length()).isEqualTo(value.length);
            }
          }
          done.incrementAndGet();
        } catch (FerrisException e) {
          // A leader is being killed; what is looked at here is the page.
          failed.incrementAndGet();
        }
      }
    }

    void check() {
      assertThat(done.get()).as("rounds, beside %s that failed", failed).isGreaterThan(100);
    }

    @Override
    public void close() {
      stop.set(true);
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
