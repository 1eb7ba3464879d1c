package org.ferrisdb.integration.workload;

import static org.ferrisdb.client.Bytes.utf8;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.integration.check.AppendChecker;
import org.ferrisdb.integration.check.Checker;
import org.ferrisdb.integration.workload.Client.Answer;
import org.ferrisdb.integration.workload.Transactions.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * Transactions of one to six steps over lists, each a key of its own shard as often as not: append
 * a unique number, or read the whole list. What lists hold tells the order of the appends, and so
 * every dependency between transactions.
 */
final class AppendWorkload extends TransactionalWorkload {
  private static final int KEYS_AT_A_TIME = 6;
  private static final int APPENDS_PER_KEY = 64;
  private static final int MOST_STEPS = 6;

  private final int[] appends = new int[KEYS_AT_A_TIME];
  private final int[] generations = new int[KEYS_AT_A_TIME];
  private long lastValue;

  AppendWorkload(KeySpace keys, Optional<Transactions> transactions) {
    super(keys, transactions);
  }

  @Override
  public String name() {
    return "append";
  }

  @Override
  public Operation next(Random random) {
    int length = 1 + random.nextInt(MOST_STEPS);
    List<List<@Nullable Object>> steps = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      int place = random.nextInt(KEYS_AT_A_TIME);
      if (appends[place] == APPENDS_PER_KEY) {
        appends[place] = 0;
        generations[place]++;
      }
      String key = key(generations[place], place);
      if (random.nextBoolean()) {
        appends[place]++;
        steps.add(step("append", key, ++lastValue));
      } else {
        steps.add(step("r", key, null));
      }
    }
    return Operation.of("txn", null, List.copyOf(steps));
  }

  private static String key(int generation, int place) {
    return "a" + generation + "-" + place;
  }

  private static List<@Nullable Object> step(String f, String key, @Nullable Object value) {
    return Operation.listOf(f, key, value);
  }

  @Override
  public void run(Client client, Operation operation) {
    List<?> steps = (List<?>) Objects.requireNonNull(operation.value());
    client.call(operation, ferris -> inTransaction(ferris, txn -> perform(txn, steps)));
  }

  private Answer perform(Transaction txn, List<?> steps) {
    List<Object> done = new ArrayList<>();
    for (Object step : steps) {
      List<?> words = (List<?>) step;
      String name = String.valueOf(words.get(1));
      Bytes key = keys.scattered("append/" + name);
      String list = txn.get(key).map(Bytes::toUtf8).orElse("");
      if (words.get(0).equals("append")) {
        String longer = list.isEmpty() ? "" + words.get(2) : list + "," + words.get(2);
        txn.put(key, utf8(longer));
        done.add(step);
      } else {
        done.add(step("r", name, numbers(list)));
      }
    }
    return Answer.read(List.copyOf(done));
  }

  private static List<Long> numbers(String list) {
    return list.isEmpty() ? List.of() : Stream.of(list.split(",", -1)).map(Long::valueOf).toList();
  }

  @Override
  public List<Operation> finalReads() {
    List<Operation> reads = new ArrayList<>();
    for (int place = 0; place < KEYS_AT_A_TIME; place++) {
      for (int g = 0; g <= generations[place]; g++) {
        reads.add(Operation.of("txn", null, List.of(step("r", key(g, place), null))));
      }
    }
    return reads;
  }

  @Override
  public Checker checker() {
    return new AppendChecker();
  }
}
