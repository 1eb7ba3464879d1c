package org.ferrisdb.integration.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Faults of the network between containers: rules of the machine's iptables inside a container's
 * own network namespace, on packets that come in. Nothing else on the machine is touched.
 *
 * <p>A namespace and its rules go with the process, and so may the address; {@link #reapply} puts
 * the rules up again after a start.
 */
final class ContainerNetwork implements Network {
  /** Connections that are in use notice within this time that they have been reset. */
  private static final Duration RESET_TIME = Duration.ofMillis(500);

  /** Where a container is now. */
  interface Places {
    /** Its main process; 0 if it does not run. */
    long pid(String node);

    /**
     * Its address in the cluster's network, or for {@link Network#CLIENTS} that of this machine.
     */
    String address(String end);
  }

  private final List<String> nodes;
  private final Places places;
  private final Set<Direction> cuts = new LinkedHashSet<>();
  private final Map<Direction, Double> losses =
      new TreeMap<>(java.util.Comparator.comparing(Direction::toString));

  ContainerNetwork(List<String> nodes, Places places) {
    this.nodes = nodes;
    this.places = places;
  }

  @Override
  public synchronized void cutOneWay(String from, String to) {
    cuts.add(new Direction(from, to));
    reapply(to);
  }

  @Override
  public void slow(String from, String to, Duration delay, Duration jitter) {
    throw new UnsupportedOperationException("links between containers can not be slow");
  }

  @Override
  public synchronized void lossy(String from, String to, double share) {
    losses.put(new Direction(from, to), share);
    reapply(to);
  }

  @Override
  public synchronized int reset(String one, String other) {
    List<Direction> ways = List.of(new Direction(one, other), new Direction(other, one));
    ways.forEach(w ->
        rule(w.to(), "-I", w.from(), "-p", "tcp", "-j", "REJECT", "--reject-with", "tcp-reset"));
    LockSupport.parkNanos(RESET_TIME.toNanos());
    ways.forEach(w -> reapply(w.to()));
    return -1;
  }

  @Override
  public void refuse(String node) {
    throw new UnsupportedOperationException("not for containers");
  }

  @Override
  public synchronized Set<Direction> cuts() {
    return Set.copyOf(cuts);
  }

  @Override
  public synchronized void heal() {
    cuts.clear();
    losses.clear();
    nodes.forEach(this::reapply);
  }

  /** Makes the rules of a node what they should be. */
  synchronized void reapply(String node) {
    long pid = nodes.contains(node) ? places.pid(node) : 0;
    if (pid == 0) {
      return;
    }
    iptables(pid, List.of("-F", "INPUT"));
    for (Direction cut : cuts) {
      if (cut.to().equals(node)) {
        rule(node, "-A", cut.from(), "-j", "DROP");
      }
    }
    losses.forEach((way, share) -> {
      if (way.to().equals(node)) {
        rule(
            node,
            "-A",
            way.from(),
            "-m",
            "statistic",
            "--mode",
            "random",
            "--probability",
            Double.toString(share),
            "-j",
            "DROP");
      }
    });
  }

  /** The same for all, since one that was started may have another address. */
  void reapplyAll() {
    nodes.forEach(this::reapply);
  }

  private void rule(String at, String how, String from, String... what) {
    long pid = nodes.contains(at) ? places.pid(at) : 0;
    String address = places.address(from);
    if (pid == 0 || address.isEmpty()) {
      return; // put up when it is started
    }
    List<String> arguments = new ArrayList<>(List.of(how, "INPUT", "-s", address));
    arguments.addAll(List.of(what));
    iptables(pid, arguments);
  }

  private static void iptables(long pid, List<String> arguments) {
    List<String> command =
        new ArrayList<>(List.of("nsenter", "-t", Long.toString(pid), "-n", "iptables", "-w"));
    command.addAll(arguments);
    String _ = Commands.require(command.toArray(String[]::new));
  }
}
