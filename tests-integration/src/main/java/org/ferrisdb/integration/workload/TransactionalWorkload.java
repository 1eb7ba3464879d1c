package org.ferrisdb.integration.workload;

import java.util.Optional;
import java.util.function.Function;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.integration.workload.Client.Answer;
import org.ferrisdb.integration.workload.Transactions.Committed;
import org.ferrisdb.integration.workload.Transactions.Transaction;

/** What the workloads that need transactions have in common. */
abstract sealed class TransactionalWorkload implements Workload
    permits AppendWorkload, LongForkWorkload, ShardsBankWorkload, WriteSkewWorkload {
  private final Optional<Transactions> transactions;
  final KeySpace keys;

  TransactionalWorkload(KeySpace keys, Optional<Transactions> transactions) {
    this.keys = keys;
    this.transactions = transactions;
  }

  @Override
  public Optional<String> unsupported() {
    return transactions.isPresent() ? Optional.empty() : Optional.of(Transactions.NOT_YET);
  }

  /** The body's answer if it committed, else a refusal. */
  Answer inTransaction(Ferris ferris, Function<Transaction, Answer> body) {
    Committed<Answer> end = transactions.orElseThrow().run(ferris, body);
    return end.committed() ? end.result() : new Answer.Refused("aborted for a conflict");
  }
}
