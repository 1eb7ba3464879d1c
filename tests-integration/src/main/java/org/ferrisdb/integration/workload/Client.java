package org.ferrisdb.integration.workload;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.ferrisdb.client.Ferris;
import org.ferrisdb.client.FerrisException;
import org.ferrisdb.client.Outcome;
import org.ferrisdb.integration.history.History;
import org.ferrisdb.integration.history.History.Call;
import org.jspecify.annotations.Nullable;

/**
 * One client of a workload: makes each call an event of the history at its beginning and at its
 * end, and changes its process number when a call's end is not known. For one thread; only {@link
 * #processes} may be asked by others.
 */
public final class Client {
  /** What became of a call that the cluster answered. */
  public sealed interface Answer {
    /**
     * It took effect.
     *
     * @param value what was read; null for what only writes, and for an absent key
     * @param extra more to tell, such as the version
     */
    record Done(@Nullable Object value, Map<String, Object> extra) implements Answer {}

    /**
     * It certainly took no effect: a condition did not hold.
     *
     * @param why in a few words
     */
    record Refused(String why) implements Answer {}

    /** It took effect, and there is nothing more to tell. */
    static Answer done() {
      return new Done(null, Map.of());
    }

    /** It read this; null for absent. */
    static Answer read(@Nullable Object value) {
      return new Done(value, Map.of());
    }
  }

  /**
   * What is asked of the cluster within one call. At most one write, as its last step: then a
   * failure's outcome, which is that of the last step, is the outcome of the call.
   */
  @FunctionalInterface
  public interface Action {
    /** Does it. */
    Answer ask(Ferris ferris);
  }

  private final Supplier<Ferris> connection;
  private final History history;
  private final Set<String> processes = ConcurrentHashMap.newKeySet();
  private int process;
  private boolean lastDone;

  /**
   * Makes one.
   *
   * @param ferris with the deadline that calls are to have; may be shared
   */
  public Client(Ferris ferris, History history) {
    this.connection = () -> ferris;
    this.history = history;
    renew();
  }

  /**
   * Makes one whose connection may be another for each call.
   *
   * @param connection asked before a call begins
   */
  public Client(Supplier<Ferris> connection, History history) {
    this.connection = connection;
    this.history = history;
    renew();
  }

  private void renew() {
    process = history.newProcess();
    processes.add(Integer.toString(process));
  }

  /** The process numbers it has had, as they stand in events. */
  public Set<String> processes() {
    return Set.copyOf(processes);
  }

  /** Whether the last call took effect. */
  public boolean lastDone() {
    return lastDone;
  }

  /** Calls; the arguments are those of {@link History#invoke}. */
  public void call(Operation operation, Action action) {
    call(operation.f(), operation.key(), operation.value(), action);
  }

  /** The same with words of the caller's choice. */
  public void call(String f, @Nullable String key, @Nullable Object value, Action action) {
    lastDone = false;
    Ferris ferris = connection.get(); // may take a while, which is no part of the call
    Call call = history.invoke(process, f, key, value);
    Answer answer;
    try {
      answer = action.ask(ferris);
    } catch (FerrisException e) {
      if (e.outcome() == Outcome.NOT_APPLIED) {
        history.fail(call, words(e));
      } else {
        history.info(call, words(e));
        renew();
      }
      return;
    } catch (RuntimeException e) {
      // A fault of the client library or of this harness: what the call did is not known.
      history.info(call, e.toString());
      renew();
      throw e;
    }
    switch (answer) {
      case Answer.Done done -> {
        lastDone = true;
        history.ok(call, done.value(), done.extra());
      }
      case Answer.Refused refused -> history.fail(call, refused.why());
    }
  }

  private static String words(FerrisException e) {
    String message = e.getMessage() == null ? "" : e.getMessage();
    return e.code() + " " + message.lines().findFirst().orElse("");
  }
}
