package org.ferrisdb.integration.workload;

import static org.ferrisdb.client.Bytes.utf8;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.integration.check.Checker;
import org.ferrisdb.integration.check.LongForkChecker;
import org.ferrisdb.integration.workload.Client.Answer;
import org.ferrisdb.integration.workload.Transactions.Transaction;

/**
 * Single writes to the keys of a group, each key written once, and transactions that read whole
 * groups: two readers must not see two writes in different orders. A new group begins when all keys
 * of the old one are written.
 */
final class LongForkWorkload extends TransactionalWorkload {
  private static final int KEYS_PER_GROUP = 3;

  private int group;
  private int written;
  private long lastValue;

  LongForkWorkload(KeySpace keys, Optional<Transactions> transactions) {
    super(keys, transactions);
  }

  @Override
  public String name() {
    return "long-fork";
  }

  private static String key(int group, int place) {
    return "g" + group + "-" + place;
  }

  private Bytes bytes(String name) {
    return keys.scattered("long-fork/" + name);
  }

  @Override
  public Operation next(Random random) {
    if (random.nextInt(4) != 0) {
      // The group that is being written, or the one before it.
      int read = Math.max(0, group - random.nextInt(2));
      return new Operation("read-group", null, null, read);
    }
    if (written == KEYS_PER_GROUP) {
      group++;
      written = 0;
    }
    return Operation.of("write", key(group, written++), ++lastValue);
  }

  @Override
  public void run(Client client, Operation operation) {
    if (operation.f().equals("read-group")) {
      client.call(operation, f -> inTransaction(f, txn -> read(txn, operation.choice())));
      return;
    }
    Bytes key = bytes(String.valueOf(operation.key()));
    client.call(
        operation,
        f ->
            inTransaction(
                f,
                txn -> {
                  txn.put(key, utf8(String.valueOf(operation.value())));
                  return Answer.done();
                }));
  }

  private Answer read(Transaction txn, int ofGroup) {
    Map<String, Object> found = new TreeMap<>();
    for (int place = 0; place < KEYS_PER_GROUP; place++) {
      String name = key(ofGroup, place);
      found.put(name, txn.get(bytes(name)).map(b -> Long.valueOf(b.toUtf8())).orElse(null));
    }
    return Answer.read(Collections.unmodifiableMap(found));
  }

  @Override
  public List<Operation> finalReads() {
    return List.of(new Operation("read-group", null, null, group));
  }

  @Override
  public Checker checker() {
    return new LongForkChecker();
  }
}
