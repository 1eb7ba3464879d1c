package org.ferrisdb.integration.cluster;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.ferrisdb.node.local.network.NodeNetwork;

/** A {@link NodeNetwork} as a {@link Network}. */
final class LocalNetwork implements Network {
  private final NodeNetwork proxies;
  private final Set<Direction> cuts = ConcurrentHashMap.newKeySet();

  LocalNetwork(NodeNetwork proxies) {
    this.proxies = proxies;
  }

  @Override
  public void cutOneWay(String from, String to) {
    proxies.cutOneWay(from, to);
    cuts.add(new Direction(from, to));
  }

  @Override
  public void slow(String from, String to, Duration delay, Duration jitter) {
    proxies.slow(from, to, delay, jitter);
  }

  @Override
  public void lossy(String from, String to, double share) {
    proxies.lossy(from, to, share);
  }

  @Override
  public int reset(String one, String other) {
    return proxies.reset(one, other);
  }

  @Override
  public void refuse(String node) {
    proxies.refuse(node);
    for (String other : proxies.nodes()) {
      if (!other.equals(node)) {
        cuts.add(new Direction(node, other));
        cuts.add(new Direction(other, node));
      }
    }
  }

  @Override
  public Set<Direction> cuts() {
    return Set.copyOf(cuts);
  }

  @Override
  public void heal() {
    cuts.clear();
    proxies.heal();
  }
}
