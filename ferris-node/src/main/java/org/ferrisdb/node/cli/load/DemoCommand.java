package org.ferrisdb.node.cli.load;

import java.io.Console;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.ferrisdb.node.cli.CliContext;
import org.ferrisdb.node.cli.CliException;
import org.ferrisdb.node.cli.ExitCode;
import org.ferrisdb.node.cli.OutputOptions;
import org.ferrisdb.node.cli.cluster.HealthPrinter;
import org.ferrisdb.node.cli.demo.LiveDemo;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ferris demo}. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Shows a cluster survive the death of a node, and lose nothing.",
      "%nStarts three nodes in a temporary directory on free ports. 16 clients write keys that"
          + " nobody else writes, raise counters by compare-and-set and read them. Half way the"
          + " node that leads most shards is killed with kill -9, later it is started again. At"
          + " the end everything is read back: every acknowledged write must be there, with the"
          + " version that was acknowledged (a write applied twice would have a newer one).",
      "%nOn a terminal it is a live screen: throughput, latency, who leads which shard, what"
          + " happened; and you are the one who breaks things: k kills the node that leads most"
          + " shards (it is started again after 10 s), p stops it in mid-air, c cuts it off from"
          + " its peers (clients still reach it), h heals everything, q or Ctrl-C ends and checks. Without a"
          + " terminal, with --plain or -o json it prints lines, as described above.",
      "%nThe last lines tell how many writes were acknowledged, how many of them were lost (0),"
          + " and the gap: the longest time that one client got no answer. Exit status 0 only if"
          + " nothing was lost or applied twice and service resumed for every client."
    },
    exitCodeList = {
      "0:nothing was lost or applied twice, and service resumed for all",
      "1:something was, or the cluster did not get healthy",
      ExitCode.USAGE_WORDS
    },
    footer = {
      "%nExamples:",
      "  ./ferris demo",
      "  ./ferris demo --seconds 120 --clients 64",
      "  ./ferris demo -o json </dev/null",
    })
public final class DemoCommand implements Callable<Integer> {
  private static final int SECONDS = 30;

  /** Somebody may forget it: the disk should not fill up. */
  private static final int LIVE_SECONDS = 600;

  private final CliContext context;

  @Mixin private final OutputOptions output = new OutputOptions();

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "Length of the workload, 6 or more (default: 30; live 600, or until q).")
  private @Nullable Integer seconds;

  @Option(names = "--plain", description = "Lines instead of the live screen on a terminal.")
  private boolean plain;

  @Option(names = "--clients", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
  private int clients = 16;

  @Option(names = "--nodes", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
  private int nodes = 3;

  @Option(names = "--shards", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
  private int shards = 4;

  @Option(names = "--keep", description = "Keep the temporary directory (data and logs).")
  private boolean keep;

  /** Makes the command. */
  public DemoCommand(CliContext context) {
    this.context = context;
  }

  @Override
  public Integer call() throws Exception {
    boolean wrongLength = seconds != null && seconds < 6;
    if (wrongLength || clients < 1 || clients > 1_000 || nodes < 3) {
      throw new CliException(
          ExitCode.USAGE,
          "--seconds must be 6 or more, --clients 1 to 1000, --nodes 3 or more",
          "two nodes can not lose one");
    }
    if (plain || output.json() || !isLiveTerminal()) {
      return plain();
    }
    Optional<Terminal> terminal = terminal();
    if (terminal.isEmpty()) {
      return plain();
    }
    try (Terminal open = terminal.get()) {
      return live(open);
    }
  }

  /** None if it can not be used from Java here: lines always can. */
  private static Optional<Terminal> terminal() {
    try {
      return Optional.of(TerminalBuilder.builder().name("ferris demo").dumb(false).build());
    } catch (IOException | IllegalStateException e) {
      return Optional.empty();
    }
  }

  /** Keys are read and the screen is drawn: both ends must be a terminal that can do it. */
  private boolean isLiveTerminal() {
    return context.outIsTerminal()
        && Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent()
        && !context.environment().getOrDefault("TERM", "dumb").equals("dumb");
  }

  private int plain() throws Exception {
    try (TemporaryCluster temporary = TemporaryCluster.create("demo", nodes, shards, keep)) {
      int length = seconds == null ? SECONDS : seconds;
      Demo demo = new Demo(context, temporary.cluster(), length, clients, output.json());
      DemoResult result = demo.run();
      tellKept(temporary);
      return result.passed() ? ExitCode.OK : ExitCode.NO;
    }
  }

  private int live(Terminal terminal) throws Exception {
    Duration length = Duration.ofSeconds(seconds == null ? LIVE_SECONDS : seconds);
    try (TemporaryCluster temporary =
            TemporaryCluster.createWithNetwork("demo", nodes, shards, keep);
        DemoRun run = new DemoRun(temporary.cluster(), temporary.network(), clients)) {
      LiveDemo live = new LiveDemo(terminal, context.colours(), run, length, System::nanoTime);
      Thread hook = new Thread(() -> giveBack(live), "terminal-restore");
      Runtime.getRuntime().addShutdownHook(hook);
      run.start();
      boolean ended = live.run();
      if (!removed(hook)) {
        return ExitCode.NO; // the process is ending: its status is that of the signal
      }
      tellKept(temporary);
      return ended ? verdict(run) : leftEarly();
    }
  }

  private static boolean removed(Thread hook) {
    try {
      return Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return false; // it runs already
    }
  }

  /** When the process is told to end: JLine's own hook may have closed the terminal before. */
  private void giveBack(LiveDemo live) {
    if (!live.restore()) {
      context.out().print(LiveDemo.NORMAL_SCREEN);
      context.out().flush();
    }
  }

  private int verdict(DemoRun run) {
    DemoResult result = run.result();
    run.lastHealth()
        .ifPresent(h -> context.out().println(HealthPrinter.sentence(h, context.colours())));
    result.lines().forEach(context.out()::println);
    return result.passed() ? ExitCode.OK : ExitCode.NO;
  }

  private static int leftEarly() {
    throw new CliException(
        ExitCode.NO,
        "left without a verdict: what was written has not been read back",
        "press q or Ctrl-C once and wait for it");
  }

  private void tellKept(TemporaryCluster temporary) {
    if (keep) {
      context.err().println("kept " + temporary.dir());
    }
  }
}
