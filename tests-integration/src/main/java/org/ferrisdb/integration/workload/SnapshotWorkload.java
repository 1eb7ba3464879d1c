package org.ferrisdb.integration.workload;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.Entry;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.client.Version;
import org.ferrisdb.integration.check.Checker;
import org.ferrisdb.integration.history.Event;
import org.ferrisdb.integration.workload.Client.Answer;

/**
 * The past: keys scattered over the shards are written and deleted, timestamps are drawn, and all
 * keys are read at one of the last timestamps, now and again later.
 *
 * <p>In the history: {@code write} and {@code delete} with the version as an extra of their end;
 * {@code now}, whose value is the timestamp; {@code read-at}, whose value is <code>
 * {"at": timestamp, "k1": [value, version], ...}</code> without the keys that were absent then.
 */
final class SnapshotWorkload implements Workload {
  private static final int KEYS = 8;

  /** So many of the last timestamps are read at; of a few seconds' age at most. */
  private static final int REMEMBERED = 16;

  private final KeySpace keys;
  private final Map<Bytes, String> names = new HashMap<>();
  private long lastValue;

  /** The newest first; guarded by itself. */
  private final Deque<Version> drawn = new ArrayDeque<>();

  SnapshotWorkload(KeySpace keys) {
    this.keys = keys;
    for (int i = 0; i < KEYS; i++) {
      names.put(key("k" + i), "k" + i);
    }
  }

  private Bytes key(String name) {
    return keys.scattered("snapshot/" + name);
  }

  @Override
  public String name() {
    return "snapshot";
  }

  @Override
  public Operation next(Random random) {
    int dice = random.nextInt(100);
    if (dice < 15) {
      return Operation.of("now", null, null);
    }
    if (dice < 45) {
      return new Operation("read-at", null, null, random.nextInt(REMEMBERED));
    }
    String key = "k" + random.nextInt(KEYS);
    return dice < 53 ? Operation.of("delete", key, null) : Operation.of("write", key, ++lastValue);
  }

  @Override
  public void run(Client client, Operation operation) {
    switch (operation.f()) {
      case "now" -> client.call(operation, ferris -> Answer.read(draw(ferris)));
      case "read-at" -> readAt(client, operation.choice());
      default -> client.call(operation, ferris -> change(ferris, operation));
    }
  }

  private Long draw(Ferris ferris) {
    Version now = ferris.now();
    synchronized (drawn) {
      drawn.addFirst(now);
      if (drawn.size() > REMEMBERED) {
        drawn.removeLast();
      }
    }
    return now.value();
  }

  private Answer change(Ferris ferris, Operation operation) {
    Bytes key = key(String.valueOf(operation.key()));
    Version version =
        operation.f().equals("delete")
            ? ferris.delete(key)
            : ferris.put(key, RegisterWorkload.bytes(operation.value()));
    return new Answer.Done(null, Map.of("version", version.value()));
  }

  private void readAt(Client client, int age) {
    Optional<Version> at = remembered(age);
    if (at.isEmpty()) {
      client.call("now", null, null, ferris -> Answer.read(draw(ferris)));
      return;
    }
    long timestamp = at.get().value();
    client.call(
        "read-at",
        null,
        Map.of("at", timestamp),
        ferris -> Answer.read(read(ferris, at.get(), age % 2 == 0)));
  }

  private Optional<Version> remembered(int age) {
    synchronized (drawn) {
      List<Version> all = new ArrayList<>(drawn);
      return all.isEmpty() ? Optional.empty() : Optional.of(all.get(age % all.size()));
    }
  }

  private Map<String, Object> read(Ferris ferris, Version at, boolean together) {
    List<Entry> entries = new ArrayList<>();
    if (together) {
      entries.addAll(ferris.getAll(names.keySet(), at).values());
    } else {
      names.keySet().forEach(key -> ferris.get(key, at).ifPresent(entries::add));
    }
    Map<String, Object> found = new TreeMap<>();
    found.put("at", at.value());
    for (Entry entry : entries) {
      found.put(
          String.valueOf(names.get(entry.key())),
          List.of(RegisterWorkload.value(entry), entry.version().value()));
    }
    return Collections.unmodifiableMap(found);
  }

  /** That of a key that is changed. */
  @Override
  public Optional<String> shardOf(Event invoke) {
    String key = invoke.key();
    return key == null ? Optional.empty() : Optional.of(keys.shardOf(key(key)));
  }

  @Override
  public List<Operation> finalReads() {
    List<Operation> reads = new ArrayList<>();
    for (int age = 0; age < REMEMBERED; age++) {
      reads.add(new Operation("read-at", null, null, age));
    }
    return reads;
  }

  @Override
  public Checker checker() {
    return new SnapshotChecker();
  }
}
