package org.ferrisdb.integration.workload;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.Entry;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.client.KeyRange;
import org.ferrisdb.client.Scan;
import org.ferrisdb.integration.check.Checker;
import org.ferrisdb.integration.check.ScanChecker;
import org.ferrisdb.integration.history.Event;
import org.ferrisdb.integration.workload.Client.Answer;

/**
 * A group of keys on both sides of a border between two shards, written one by one and read by
 * scans over the border, of small pages: each scan must show one moment. Half of the reads ask for
 * the keys by name instead, forwards and backwards in turn for the scans.
 */
final class ScanWorkload implements Workload {
  private static final int KEYS = 8;

  /** Smaller than the keys of one side, so that a page ends within a shard as well. */
  private static final int PAGE = 3;

  private static final int FORWARDS = 0;
  private static final int BACKWARDS = 1;
  private static final int WAYS = 4; // the others: by name

  private final int border;
  private final KeySpace keys;
  private final Map<Bytes, String> names = new HashMap<>();
  private long lastValue;

  /**
   * Makes one.
   *
   * @param border which, see {@link KeySpace#above}
   */
  ScanWorkload(KeySpace keys, int border) {
    this.keys = keys;
    this.border = border;
    for (int i = 0; i < KEYS; i++) {
      names.put(key(name(i)), name(i));
    }
  }

  private static String name(int i) {
    return "k" + i;
  }

  private Bytes key(String name) {
    boolean below = name.charAt(1) % 2 == 0;
    return below ? keys.below(border, "scan/" + name) : keys.above(border, "scan/" + name);
  }

  @Override
  public String name() {
    return "scan";
  }

  @Override
  public Operation next(Random random) {
    return random.nextInt(5) < 2
        ? new Operation("scan", null, null, random.nextInt(WAYS))
        : Operation.of("write", name(random.nextInt(KEYS)), ++lastValue);
  }

  @Override
  public void run(Client client, Operation operation) {
    if (operation.f().equals("scan")) {
      client.call(operation, ferris -> Answer.read(scan(ferris, operation.choice())));
      return;
    }
    Bytes key = key(String.valueOf(operation.key()));
    client.call(
        operation,
        ferris -> {
          ferris.put(key, RegisterWorkload.bytes(operation.value()));
          return Answer.done();
        });
  }

  private Map<String, Long> scan(Ferris ferris, int way) {
    List<Entry> entries = new ArrayList<>();
    if (way <= BACKWARDS) {
      KeyRange range = keys.acrossBorder(border, "scan/");
      Scan scan = ferris.scan(range).pageSize(PAGE);
      (way == FORWARDS ? scan : scan.reverse()).forEach(entries::add);
    } else {
      entries.addAll(ferris.getAll(names.keySet()).values());
    }
    Map<String, Long> found = new TreeMap<>();
    for (Entry entry : entries) {
      String name = names.get(entry.key());
      if (name != null) { // not one of another run
        found.put(name, RegisterWorkload.value(entry));
      }
    }
    return Collections.unmodifiableMap(found);
  }

  /** That of a key that is written; reads cross a border. */
  @Override
  public Optional<String> shardOf(Event invoke) {
    String key = invoke.key();
    return key == null ? Optional.empty() : Optional.of(keys.shardOf(key(key)));
  }

  @Override
  public List<Operation> finalReads() {
    return List.of(
        new Operation("scan", null, null, FORWARDS),
        new Operation("scan", null, null, BACKWARDS),
        new Operation("scan", null, null, WAYS - 1));
  }

  @Override
  public Checker checker() {
    return new ScanChecker();
  }
}
