package org.ferrisdb.integration.workload;

import static org.ferrisdb.client.Bytes.utf8;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.integration.check.Checker;
import org.ferrisdb.integration.check.WriteSkewChecker;
import org.ferrisdb.integration.workload.Client.Answer;
import org.ferrisdb.integration.workload.Transactions.Transaction;

/**
 * Pairs of keys of which at most one may be set: an insert reads both and sets one of them if
 * neither is there. Two inserts that each miss the other's are write skew, Adya's G2.
 */
final class WriteSkewWorkload extends TransactionalWorkload {
  /** Inserts that are tried for each pair, at about the same time. */
  private static final int INSERTS_PER_PAIR = 4;

  private int inserts;
  private long lastValue;

  WriteSkewWorkload(KeySpace keys, Optional<Transactions> transactions) {
    super(keys, transactions);
  }

  @Override
  public String name() {
    return "write-skew";
  }

  @Override
  public Operation next(Random random) {
    String pair = "p" + inserts++ / INSERTS_PER_PAIR;
    List<Object> insert = List.of(pair, ++lastValue);
    return new Operation("insert", null, insert, random.nextInt(2));
  }

  @Override
  public void run(Client client, Operation operation) {
    List<?> insert = (List<?>) Objects.requireNonNull(operation.value());
    String pair = String.valueOf(insert.get(0));
    client.call(
        operation,
        f ->
            inTransaction(
                f, txn -> insert(txn, pair, String.valueOf(insert.get(1)), operation.choice())));
  }

  private Answer insert(Transaction txn, String pair, String value, int side) {
    Bytes one = keys.scattered("write-skew/" + pair + "-0");
    Bytes other = keys.scattered("write-skew/" + pair + "-1");
    if (txn.get(one).isPresent() || txn.get(other).isPresent()) {
      return new Answer.Refused("one is there");
    }
    txn.put(side == 0 ? one : other, utf8(value));
    return Answer.done();
  }

  /** None: which inserts succeeded says it all. */
  @Override
  public List<Operation> finalReads() {
    return List.of();
  }

  @Override
  public Checker checker() {
    return new WriteSkewChecker();
  }
}
