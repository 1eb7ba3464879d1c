package org.ferrisdb.node.cli.load;

import java.time.Duration;
import java.util.Locale;
import org.HdrHistogram.Histogram;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.CliException;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.node.cli.OutputOptions;
import org.ferrisdb.node.cli.cluster.HealthPrinter;
import org.ferrisdb.node.health.ClusterPicture;
import org.ferrisdb.node.health.Health;
import org.ferrisdb.node.health.Health.State;
import org.ferrisdb.node.local.LocalCluster;

/**
 * The course of a demo without a terminal, second by second. Runs once, on one thread beside those
 * of the clients.
 */
final class Demo {
  private static final Duration START = Duration.ofSeconds(90);
  private static final Duration HEAL = Duration.ofSeconds(60);

  private final CliContext context;
  private final LocalCluster cluster;
  private final int seconds;
  private final int clientCount;
  private final boolean json;

  private long acknowledgedBefore;
  private String killed = "";

  Demo(CliContext context, LocalCluster cluster, int seconds, int clients, boolean json) {
    this.context = context;
    this.cluster = cluster;
    this.seconds = seconds;
    this.clientCount = clients;
    this.json = json;
  }

  DemoResult run() throws InterruptedException {
    int nodes = cluster.nodes().size();
    say(
        "FerrisDB demo: "
            + nodes
            + " nodes, "
            + cluster.spec().shards()
            + " shards, "
            + clientCount
            + " clients; data in "
            + cluster.spec().dir());
    cluster.startAll();
    Health health = cluster.awaitHealthy(START);
    if (health.state() != State.HEALTHY) {
      throw new CliException(
          ExitCode.NO, "the cluster did not start: " + health.sentence(), health.remedy());
    }
    say(HealthPrinter.sentence(health, context.colours()));
    say("reach it meanwhile with: ./ferris status --url " + cluster.url());
    try (Store store = FerrisStore.open(cluster.url(), CheckedWorkload.DEADLINE, "demo")) {
      return workload(store);
    }
  }

  private DemoResult workload(Store store) throws InterruptedException {
    CheckedWorkload load = new CheckedWorkload(store, clientCount);
    ServiceMeter meter = load.meter();
    script(load);
    Duration gap = meter.longestGap(System.nanoTime());
    boolean stopped = load.stop();
    Health health = cluster.awaitHealthy(HEAL);
    say(HealthPrinter.sentence(health, context.colours()));
    if (!stopped) {
      throw new CliException(ExitCode.NO, "a client hangs past its deadline", "that is a bug");
    }
    say("reading everything back...");
    WorkloadCheck.Findings findings = load.check();
    DemoResult result =
        new DemoResult(
            load.acknowledged(),
            load.failedCalls(),
            findings,
            killed,
            " after kill -9 of " + killed,
            meter.firstAckAfterFault(),
            gap,
            meter.allResumed());
    if (json) {
      OutputOptions.print(context, result.json());
    } else {
      result.lines().forEach(context.out()::println);
    }
    return result;
  }

  /** Kill at the half, restart at two thirds, a line every second. */
  private void script(CheckedWorkload load) throws InterruptedException {
    int killAt = seconds / 2;
    int restartAt = Math.max(killAt + 2, seconds * 2 / 3);
    long begin = System.nanoTime();
    for (int second = 1; second <= seconds; second++) {
      long wait = begin + second * 1_000_000_000L - System.nanoTime();
      Thread.sleep(Duration.ofNanos(Math.max(0, wait)));
      figures(second, load);
      if (second == killAt) {
        kill(load.meter());
      } else if (second == restartAt) {
        cluster.start(killed);
        say("     started " + killed + " again");
      }
    }
  }

  private void kill(ServiceMeter meter) {
    ClusterPicture picture = cluster.picture();
    killed = Leaders.busiest(picture).orElse("n1");
    long leads = Leaders.shards(killed, picture);
    meter.fault(System.nanoTime());
    cluster.kill(killed);
    say(
        "     kill -9 "
            + killed
            + ", which led "
            + leads
            + " of "
            + cluster.spec().shards()
            + " shards"
            + (Leaders.meta(picture).filter(killed::equals).isPresent() ? " and meta" : ""));
  }

  private void figures(int second, CheckedWorkload load) {
    Histogram h = load.meter().takeLatencies();
    long now = load.acknowledged();
    say(
        String.format(
            Locale.ROOT,
            "%4d s %7d writes/s   p50 %6.2f ms   p99 %7.2f ms   leads %s",
            second,
            now - acknowledgedBefore,
            h.getValueAtPercentile(50) / 1e6,
            h.getValueAtPercentile(99) / 1e6,
            Leaders.words(cluster.picture())));
    acknowledgedBefore = now;
  }

  /** Figures and events are for people; with -o json they go to standard error. */
  private void say(String line) {
    (json ? context.err() : context.out()).println(line);
  }
}
