package org.ferrisdb.integration.workload;

import static org.ferrisdb.client.Bytes.utf8;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.Entry;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.integration.check.Checker;
import org.ferrisdb.integration.check.RegisterChecker;
import org.ferrisdb.integration.history.Event;
import org.ferrisdb.integration.workload.Client.Answer;
import org.jspecify.annotations.Nullable;

/**
 * Single keys, scattered over the shards: read, write, delete, compare-and-set. Every value is a
 * number of its own. A key is retired after {@link #CALLS_PER_KEY} calls: the time to judge one
 * grows with its calls, and steeply with those of unknown outcome.
 */
final class RegisterWorkload implements Workload {
  static final int CALLS_PER_KEY = 200;
  private static final int MOST_PADDING_BYTES = 64 << 10;
  private static final int KEYS_AT_A_TIME = 8;

  /** To judge all registers of one history; far more than is needed unless there is a bug. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final KeySpace keys;
  private final Slot[] slots = new Slot[KEYS_AT_A_TIME];
  private final List<String> names = new ArrayList<>();
  private long lastValue;

  /** A place for a key that is alive: which one, and what it was last asked to hold. */
  private static final class Slot {
    private String name = "";
    private int generation;
    private int calls;
    private @Nullable Long planned;
  }

  RegisterWorkload(KeySpace keys) {
    this.keys = keys;
    for (int i = 0; i < slots.length; i++) {
      slots[i] = new Slot();
      rename(slots[i], i);
    }
  }

  private void rename(Slot slot, int place) {
    slot.name = "r" + slot.generation + "-" + place;
    slot.calls = 0;
    slot.planned = null;
    names.add(slot.name);
  }

  @Override
  public String name() {
    return "register";
  }

  @Override
  public Operation next(Random random) {
    int place = random.nextInt(slots.length);
    Slot slot = slots[place];
    if (slot.calls == CALLS_PER_KEY) {
      slot.generation++;
      rename(slot, place);
    }
    slot.calls++;
    int dice = random.nextInt(100);
    if (dice < 40) {
      return Operation.of("read", slot.name, null);
    }
    if (dice < 47) {
      slot.planned = null;
      return Operation.of("delete", slot.name, null);
    }
    Long value = ++lastValue;
    @Nullable Long expected = slot.planned;
    slot.planned = value;
    return dice < 72
        ? Operation.of("write", slot.name, value)
        : Operation.of("cas", slot.name, Operation.listOf(expected, value));
  }

  @Override
  public void run(Client client, Operation operation) {
    Bytes key = key(operation.key());
    client.call(
        operation,
        ferris ->
            switch (operation.f()) {
              case "read" -> Answer.read(ferris.get(key).map(RegisterWorkload::value).orElse(null));
              case "write" -> written(ferris.put(key, bytes(operation.value())).value());
              case "delete" -> written(ferris.delete(key).value());
              default ->
                  compareAndSet(ferris, key, (List<?>) Objects.requireNonNull(operation.value()));
            });
  }

  private static Answer compareAndSet(Ferris ferris, Bytes key, List<?> oldAndNew) {
    @Nullable Object expected = oldAndNew.get(0);
    Bytes value = bytes(oldAndNew.get(1));
    boolean applied =
        expected == null
            ? ferris.putIfAbsent(key, value).applied()
            : ferris.compareAndSet(key, bytes(expected), value).applied();
    return applied ? Answer.done() : new Answer.Refused("comparison failed");
  }

  private static Answer written(long version) {
    return new Answer.Done(null, Map.of("version", version));
  }

  static Long value(Entry entry) {
    return Long.valueOf(entry.value().toUtf8().strip());
  }

  /**
   * A value as it is stored: the number, and behind some of them spaces, so that the sizes differ
   * and there is so much data that logs are purged and followers that were away fetch checkpoints.
   * The same number always gives the same bytes.
   */
  static Bytes bytes(@Nullable Object value) {
    String number = String.valueOf(value);
    int hash = (number.hashCode() * 0x9E3779B9) >>> 16;
    return utf8(hash % 4 == 0 ? number + " ".repeat(hash % MOST_PADDING_BYTES) : number);
  }

  private Bytes key(@Nullable String register) {
    return keys.scattered("register/" + register);
  }

  @Override
  public Optional<String> shardOf(Event invoke) {
    return Optional.of(keys.shardOf(key(invoke.key())));
  }

  @Override
  public List<Operation> finalReads() {
    return names.stream().map(n -> Operation.of("read", n, null)).toList();
  }

  @Override
  public Checker checker() {
    return new RegisterChecker(PATIENCE);
  }
}
