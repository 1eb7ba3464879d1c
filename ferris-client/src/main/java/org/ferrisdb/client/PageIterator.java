package org.ferrisdb.client;

import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Walks the pages of a scan: one is being consumed, at most one more is being fetched. That is all
 * the back-pressure there is and all that is needed, since a page is sent only when it is asked
 * for.
 */
final class PageIterator implements CloseableIterator<Entry> {
  private final Calls calls;
  private final Waiter waiter;
  private final ScanSpec spec;

  private boolean started;
  private boolean closed;
  private List<Entry> page = List.of();
  private int index;
  private @Nullable CompletableFuture<ScanPage> nextPage;

  /** How many entries may still be asked for. */
  private long wanted;

  private @Nullable Version snapshot;
  private @Nullable Entry last;

  PageIterator(Calls calls, Waiter waiter, ScanSpec spec) {
    this.calls = calls;
    this.waiter = waiter;
    this.spec = spec;
    this.wanted = spec.limit();
  }

  @Override
  public boolean hasNext() {
    if (index < page.size()) {
      return true;
    }
    if (closed) {
      return false;
    }
    if (!started) {
      started = true;
      waiter.check();
      nextPage = calls.page(spec);
    }
    while (index >= page.size() && nextPage != null) {
      turnPage(nextPage);
    }
    return index < page.size();
  }

  private void turnPage(CompletableFuture<ScanPage> coming) {
    ScanPage arrived = waiter.await(coming, calls.timeoutNanos, false, "scan");
    page = arrived.entries();
    index = 0;
    snapshot = arrived.snapshot();
    wanted -= page.size();
    nextPage = arrived.next().flatMap(this::fetch).orElse(null);
  }

  private Optional<CompletableFuture<ScanPage>> fetch(Cursor at) {
    if (wanted <= 0) {
      return Optional.empty();
    }
    int entries = (int) Math.min(spec.pageSize(), wanted);
    return ScanPlan.rest(spec.range(), at)
        .map(rest -> calls.page(spec, rest, at.snapshot().value(), entries));
  }

  @Override
  public Entry next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the scan has ended");
    }
    Entry entry = page.get(index++);
    last = entry;
    return entry;
  }

  @Override
  public Cursor cursor() {
    Entry entry = last;
    Version at = snapshot;
    if (entry == null || at == null) {
      return spec.after()
          .orElseThrow(() ->
              new InvalidRequestException(
                  "cursor of a scan that has not returned an entry", "call next() first"));
    }
    return ScanPlan.after(entry, spec.reverse(), at);
  }

  @Override
  public void close() {
    closed = true;
    page = List.of();
    index = 0;
    nextPage = null; // what is under way is dropped when it comes
  }
}
