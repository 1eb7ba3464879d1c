package org.ferrisdb.node.cli.load;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.ferrisdb.node.cli.transfer.Printable;

/**
 * Compares what the database holds with what it acknowledged, after the last client has ended. One
 * scan feeds it; it needs a bit per key. For one thread.
 */
final class WorkloadCheck {
  /** More examples than this help nobody. */
  private static final int MAX_EXAMPLES = 10;

  private final List<CheckedClient> clients;
  private final List<BitSet> seen = new ArrayList<>();
  private final List<String> examples = new ArrayList<>();
  private final boolean[] counterSeen;
  private long lost;
  private long twice;
  private long ghosts;

  private WorkloadCheck(List<CheckedClient> clients) {
    this.clients = clients;
    clients.forEach(c -> seen.add(new BitSet(c.logLength())));
    counterSeen = new boolean[clients.size()];
  }

  /**
   * What was found.
   *
   * @param lost acknowledged writes that are missing, or overwritten by something older
   * @param twice acknowledged writes that were applied a second time later
   * @param ghosts keys nobody wrote, or whose write was told to be not applied
   * @param wrong answers that were wrong while the workload ran (stale reads, versions going back)
   * @param examples some of them in words
   */
  record Findings(long lost, long twice, long ghosts, long wrong, List<String> examples) {
    boolean clean() {
      return lost == 0 && twice == 0 && ghosts == 0 && wrong == 0;
    }
  }

  /** Reads everything and compares. Client ids are their places in the list. */
  static Findings run(Store store, List<CheckedClient> clients) {
    WorkloadCheck check = new WorkloadCheck(clients);
    store.scanAll(check::entry);
    return check.findings();
  }

  private void entry(byte[] key, byte[] value, long version) {
    int[] owner = CheckedClient.ownerOf(key);
    if (owner[0] < 0 || owner[0] >= clients.size()) {
      ghost(key, "nobody wrote it");
      return;
    }
    CheckedClient client = clients.get(owner[0]);
    int n = owner[1];
    if (n == -1 && Arrays.equals(key, client.counterKey())) {
      counter(client, owner[0], value, version);
    } else if (n >= 0 && n < client.logLength() && Arrays.equals(key, client.logKey(n))) {
      seen.get(owner[0]).set(n);
      logEntry(client, n, key, value, version);
    } else {
      ghost(key, "nobody wrote it");
    }
  }

  private void counter(CheckedClient client, int id, byte[] value, long version) {
    counterSeen[id] = true;
    if (!client.counterUncertain()) {
      compare(
          "counter of client " + id,
          version,
          client.counterVersion(),
          Arrays.equals(value, CheckedClient.value(client.count())));
    }
  }

  private void logEntry(CheckedClient client, int n, byte[] key, byte[] value, long version) {
    long expected = client.expectedVersion(n);
    if (expected == CheckedClient.NOT_APPLIED) {
      ghost(key, "its write was told to be not applied");
      return;
    }
    boolean sameValue = Arrays.equals(value, CheckedClient.value(n));
    compare(
        "key " + Printable.of(key),
        version,
        expected == CheckedClient.UNKNOWN ? version : expected,
        sameValue);
  }

  private void compare(String what, long version, long expected, boolean sameValue) {
    if (version == expected && sameValue) {
      return;
    }
    if (version > expected) {
      twice++;
    } else {
      lost++;
    }
    example(
        what
            + " is at version "
            + version
            + (sameValue ? "" : " with another value")
            + ", acknowledged was "
            + expected);
  }

  private void ghost(byte[] key, String why) {
    ghosts++;
    example("key " + Printable.of(key) + " is there, but " + why);
  }

  private void example(String text) {
    if (examples.size() < MAX_EXAMPLES) {
      examples.add(text);
    }
  }

  private Findings findings() {
    long wrong = 0;
    for (int id = 0; id < clients.size(); id++) {
      CheckedClient client = clients.get(id);
      for (int n = 0; n < client.logLength(); n++) {
        if (client.expectedVersion(n) > 0 && !seen.get(id).get(n)) {
          lost++;
          example("write " + n + " of client " + id + " is missing");
        }
      }
      if (!counterSeen[id] && client.count() > 0 && !client.counterUncertain()) {
        lost++;
        example("the counter of client " + id + " is missing");
      }
      wrong += client.violations().size();
      client.violations().forEach(this::example);
    }
    return new Findings(lost, twice, ghosts, wrong, List.copyOf(examples));
  }
}
