package org.ferrisdb.integration.workload;

import static org.ferrisdb.client.Bytes.utf8;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.Entry;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.integration.check.Checker;
import org.ferrisdb.integration.check.CounterChecker;
import org.ferrisdb.integration.history.Event;
import org.ferrisdb.integration.workload.Client.Answer;
import org.jspecify.annotations.Nullable;

/**
 * Counters that are raised by reading and comparing versions. A counter is followed by a new one
 * after {@link #CALLS_PER_COUNTER} calls: each call of unknown outcome makes what is right for a
 * counter less certain, for ever.
 */
final class CounterWorkload implements Workload {
  static final int CALLS_PER_COUNTER = 300;
  private static final int COUNTERS_AT_A_TIME = 3;

  /** So often another client may come first before a call gives up. */
  private static final int TRIES = 4;

  private final KeySpace keys;
  private final int[] calls = new int[COUNTERS_AT_A_TIME];
  private final int[] generations = new int[COUNTERS_AT_A_TIME];

  CounterWorkload(KeySpace keys) {
    this.keys = keys;
  }

  @Override
  public String name() {
    return "counter";
  }

  private static String name(int generation, int place) {
    return "c" + generation + "-" + place;
  }

  @Override
  public Operation next(Random random) {
    int place = random.nextInt(COUNTERS_AT_A_TIME);
    if (calls[place] == CALLS_PER_COUNTER) {
      calls[place] = 0;
      generations[place]++;
    }
    calls[place]++;
    String counter = name(generations[place], place);
    return random.nextInt(3) == 0
        ? Operation.of("read", counter, null)
        : Operation.of("add", counter, 1L + random.nextInt(5));
  }

  @Override
  public void run(Client client, Operation operation) {
    Bytes key = key(operation.key());
    client.call(
        operation,
        ferris -> operation.f().equals("read") ? read(ferris, key) : add(ferris, key, operation));
  }

  private static Answer read(Ferris ferris, Bytes key) {
    return Answer.read(ferris.get(key).map(RegisterWorkload::value).orElse(0L));
  }

  private static Answer add(Ferris ferris, Bytes key, Operation operation) {
    @Nullable Object amount = operation.value();
    for (int i = 0; i < TRIES; i++) {
      Optional<Entry> found = ferris.get(key);
      long sum =
          found.map(RegisterWorkload::value).orElse(0L) + (amount == null ? 0 : (Long) amount);
      Bytes value = utf8(Long.toString(sum));
      boolean applied =
          found
              .map(e -> ferris.compareAndSet(key, e.version(), value))
              .orElseGet(() -> ferris.putIfAbsent(key, value))
              .applied();
      if (applied) {
        return Answer.done();
      }
    }
    return new Answer.Refused("others came first " + TRIES + " times");
  }

  private Bytes key(@Nullable String counter) {
    return keys.scattered("counter/" + counter);
  }

  @Override
  public Optional<String> shardOf(Event invoke) {
    return Optional.of(keys.shardOf(key(invoke.key())));
  }

  @Override
  public List<Operation> finalReads() {
    List<Operation> reads = new ArrayList<>();
    for (int place = 0; place < COUNTERS_AT_A_TIME; place++) {
      for (int g = 0; g <= generations[place]; g++) {
        reads.add(Operation.of("read", name(g, place), null));
      }
    }
    return reads;
  }

  @Override
  public Checker checker() {
    return new CounterChecker();
  }
}
