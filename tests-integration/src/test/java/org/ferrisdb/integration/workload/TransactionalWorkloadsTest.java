package org.ferrisdb.integration.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.integration.check.Verdict;
import org.ferrisdb.integration.history.Event;
import org.ferrisdb.integration.history.History;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The workloads that FerrisDB can not serve yet, on a database in memory that can. */
class TransactionalWorkloadsTest {
  /** Only put to use by a bank that is set up; nothing else reaches the cluster. */
  private static final Ferris NO_CLUSTER =
      (Ferris)
          Proxy.newProxyInstance(
              Ferris.class.getClassLoader(),
              new Class<?>[] {Ferris.class},
              (_, method, _) -> {
                throw new AssertionError(method + " of a client, though transactions do it all");
              });

  private static Verdict run(String name, Transactions transactions, int operations) {
    AtomicLong time = new AtomicLong();
    History history = new History(time::incrementAndGet);
    KeySpace keys = new KeySpace(List.of(Bytes.empty(), Bytes.hex("80")), "test");
    Workload workload =
        Workloads.all(keys, 1, Optional.of(transactions)).stream()
            .filter(w -> w.name().equals(name))
            .findFirst()
            .orElseThrow();
    assertThat(workload.unsupported()).isEmpty();
    if (name.equals("bank-shards")) {
      openAccounts(keys, transactions);
    }
    Client client = new Client(NO_CLUSTER, history);
    Random random = new Random(23);
    for (int i = 0; i < operations; i++) {
      workload.run(client, workload.next(random));
    }
    workload.finalReads().forEach(read -> workload.run(client, read));
    assertThat(history.events().stream().filter(e -> e.type() == Event.Type.OK)).isNotEmpty();
    return workload.checker().check(history.events());
  }

  private static void openAccounts(KeySpace keys, Transactions transactions) {
    for (int i = 0; i < BankWorkload.ACCOUNTS; i++) {
      Bytes key = keys.inShard(i, "bank-shards/" + i);
      transactions.run(
          NO_CLUSTER,
          txn -> {
            txn.put(key, Bytes.utf8(Long.toString(BankWorkload.BALANCE)));
            return true;
          });
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"append", "bank-shards", "long-fork", "write-skew"})
  void transactionsOneAfterTheOtherAreRight(String name) {
    assertThat(run(name, new SerialTransactions(0), 600)).isInstanceOf(Verdict.Right.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"append", "bank-shards", "write-skew"})
  void transactionsThatReadThePastAreWrong(String name) {
    assertThat(run(name, new SerialTransactions(3), 600)).isInstanceOf(Verdict.Wrong.class);
  }
}
