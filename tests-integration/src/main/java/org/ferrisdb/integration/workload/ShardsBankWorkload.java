package org.ferrisdb.integration.workload;

import static org.ferrisdb.client.Bytes.utf8;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.integration.check.BankChecker;
import org.ferrisdb.integration.check.Checker;
import org.ferrisdb.integration.workload.BankWorkload.Transfer;
import org.ferrisdb.integration.workload.Client.Answer;
import org.ferrisdb.integration.workload.Transactions.Transaction;

/** The bank with its accounts in different shards: transfers and reads are transactions. */
final class ShardsBankWorkload extends TransactionalWorkload {
  private static final int ACCOUNTS = BankWorkload.ACCOUNTS;

  ShardsBankWorkload(KeySpace keys, Optional<Transactions> transactions) {
    super(keys, transactions);
  }

  @Override
  public String name() {
    return "bank-shards";
  }

  private Bytes key(String account) {
    return keys.inShard(Integer.parseInt(account), "bank-shards/" + account);
  }

  @Override
  public void setUp(Ferris ferris) {
    for (int i = 0; i < ACCOUNTS; i++) {
      ferris.putIfAbsent(key(Integer.toString(i)), utf8(Long.toString(BankWorkload.BALANCE)));
    }
  }

  @Override
  public Operation next(Random random) {
    return random.nextInt(3) == 0
        ? Operation.of("read", null, null)
        : BankWorkload.transfer(random, ACCOUNTS, 5);
  }

  @Override
  public void run(Client client, Operation operation) {
    client.call(
        operation,
        ferris ->
            inTransaction(
                ferris,
                txn ->
                    operation.f().equals("read") ? read(txn) : move(txn, Transfer.of(operation))));
  }

  private Answer move(Transaction txn, Transfer transfer) {
    long left = balance(txn, transfer.from()) - transfer.amount();
    if (left < 0) {
      return new Answer.Refused("lack of funds");
    }
    long grown = balance(txn, transfer.to()) + transfer.amount();
    txn.put(key(transfer.from()), utf8(Long.toString(left)));
    txn.put(key(transfer.to()), utf8(Long.toString(grown)));
    return Answer.done();
  }

  private long balance(Transaction txn, String account) {
    return txn.get(key(account)).map(b -> Long.parseLong(b.toUtf8())).orElse(0L);
  }

  private Answer read(Transaction txn) {
    Map<String, Long> balances = new TreeMap<>();
    for (int i = 0; i < ACCOUNTS; i++) {
      String account = Integer.toString(i);
      balances.put(account, balance(txn, account));
    }
    return Answer.read(Collections.unmodifiableMap(balances));
  }

  @Override
  public List<Operation> finalReads() {
    return List.of(Operation.of("read", null, null));
  }

  @Override
  public Checker checker() {
    return new BankChecker(ACCOUNTS * BankWorkload.BALANCE);
  }
}
