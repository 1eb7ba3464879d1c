package org.ferrisdb.integration.workload;

import static org.ferrisdb.client.Bytes.utf8;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.ferrisdb.client.Batch;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.Entry;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.client.Version;
import org.ferrisdb.integration.check.BankChecker;
import org.ferrisdb.integration.check.Checker;
import org.ferrisdb.integration.history.Event;
import org.ferrisdb.integration.workload.Client.Answer;

/**
 * Money that moves between accounts of one shard: a batch changes two of them if both still have
 * the versions that were read. Reads of all accounts come in three ways that must agree: a scan, a
 * read of many keys, and single reads at one timestamp.
 */
final class BankWorkload implements Workload {
  static final int ACCOUNTS = 8;
  static final long BALANCE = 100;
  private static final int MOST_AT_ONCE = 5;
  private static final int TRIES = 4;

  /** Ways to read all accounts, as an operation's choice. */
  private static final int BY_SCAN = 0;

  private static final int BY_GET_ALL = 1;
  private static final int WAYS = 3;

  private final KeySpace keys;
  private final int shard;

  /**
   * Makes one.
   *
   * @param shard where the accounts are
   */
  BankWorkload(KeySpace keys, int shard) {
    this.keys = keys;
    this.shard = shard;
  }

  @Override
  public String name() {
    return "bank";
  }

  private Bytes key(String account) {
    return keys.inShard(shard, "bank/" + account);
  }

  private static String account(Bytes key) {
    String text = key.toUtf8();
    return text.substring(text.lastIndexOf('/') + 1);
  }

  @Override
  public void setUp(Ferris ferris) {
    // One batch, so that it can be said twice: that it was there already is just as well.
    Batch.Builder accounts = Batch.builder().ifAbsent(key("0"));
    for (int i = 0; i < ACCOUNTS; i++) {
      accounts.put(key(Integer.toString(i)), utf8(Long.toString(BALANCE)));
    }
    ferris.batch(accounts.build());
  }

  @Override
  public Operation next(Random random) {
    if (random.nextInt(3) == 0) {
      return new Operation("read", null, null, random.nextInt(WAYS));
    }
    return transfer(random, ACCOUNTS, MOST_AT_ONCE);
  }

  /** Between two different accounts. */
  static Operation transfer(Random random, int accounts, int most) {
    int from = random.nextInt(accounts);
    int to = (from + 1 + random.nextInt(accounts - 1)) % accounts;
    long amount = 1L + random.nextInt(most);
    Map<String, Object> value = new TreeMap<>();
    value.put("from", Integer.toString(from));
    value.put("to", Integer.toString(to));
    value.put("amount", amount);
    return Operation.of("transfer", null, Collections.unmodifiableMap(value));
  }

  @Override
  public void run(Client client, Operation operation) {
    if (operation.f().equals("read")) {
      client.call(operation, ferris -> Answer.read(balances(ferris, operation.choice())));
      return;
    }
    Transfer transfer = Transfer.of(operation);
    client.call(operation, ferris -> transfer(ferris, transfer));
  }

  /** A transfer in the history's words. */
  record Transfer(String from, String to, long amount) {
    static Transfer of(Operation operation) {
      if (!(operation.value() instanceof Map<?, ?> value)) {
        throw new IllegalArgumentException("no transfer: " + operation);
      }
      return new Transfer(
          String.valueOf(value.get("from")),
          String.valueOf(value.get("to")),
          Long.parseLong(String.valueOf(value.get("amount"))));
    }
  }

  private Answer transfer(Ferris ferris, Transfer transfer) {
    Bytes from = key(transfer.from());
    Bytes to = key(transfer.to());
    for (int i = 0; i < TRIES; i++) {
      Map<Bytes, Entry> found = ferris.getAll(List.of(from, to));
      Entry payer = found.get(from);
      Entry payee = found.get(to);
      if (payer == null || payee == null) {
        return new Answer.Refused("an account is missing: " + found.keySet());
      }
      long left = RegisterWorkload.value(payer) - transfer.amount();
      if (left < 0) {
        return new Answer.Refused("lack of funds");
      }
      Batch batch =
          Batch.builder()
              .ifVersion(from, payer.version())
              .ifVersion(to, payee.version())
              .put(from, utf8(Long.toString(left)))
              .put(to, utf8(Long.toString(RegisterWorkload.value(payee) + transfer.amount())))
              .build();
      if (ferris.batch(batch).applied()) {
        return Answer.done();
      }
    }
    return new Answer.Refused("others came first " + TRIES + " times");
  }

  private Map<String, Long> balances(Ferris ferris, int way) {
    List<Entry> entries = new ArrayList<>();
    if (way == BY_SCAN) {
      ferris.scan(keys.inShardPrefix(shard, "bank/")).pageSize(3).forEach(entries::add);
    } else if (way == BY_GET_ALL) {
      entries.addAll(ferris.getAll(accounts()).values());
    } else {
      Version now = ferris.now();
      accounts().forEach(key -> ferris.get(key, now).ifPresent(entries::add));
    }
    Map<String, Long> balances = new TreeMap<>();
    entries.forEach(e -> balances.put(account(e.key()), RegisterWorkload.value(e)));
    return Collections.unmodifiableMap(balances);
  }

  private List<Bytes> accounts() {
    List<Bytes> accounts = new ArrayList<>();
    for (int i = 0; i < ACCOUNTS; i++) {
      accounts.add(key(Integer.toString(i)));
    }
    return accounts;
  }

  @Override
  public Optional<String> shardOf(Event invoke) {
    return Optional.of(keys.shardOf(key("0")));
  }

  @Override
  public List<Operation> finalReads() {
    return List.of(
        new Operation("read", null, null, 0),
        new Operation("read", null, null, 1),
        new Operation("read", null, null, 2));
  }

  @Override
  public Checker checker() {
    return new BankChecker(ACCOUNTS * BALANCE);
  }
}
