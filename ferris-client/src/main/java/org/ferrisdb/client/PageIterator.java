package org.ferrisdb.client;

import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Walks the pages of a scan. The first page brings the moment that all of it is read at; from then
 * on a few pages are fetched ahead, see {@link PagesAhead}.
 */
final class PageIterator implements CloseableIterator<Entry> {
  private final Calls calls;
  private final Waiter waiter;
  private final ScanSpec spec;
  private final PagesAhead ahead;

  private boolean started;
  private boolean closed;
  private List<Entry> page = List.of();
  private int index;
  private @Nullable CompletableFuture<ScanPage> coming;

  /** How many entries may still be asked for. */
  private long wanted;

  private @Nullable Version snapshot;
  private @Nullable Entry last;

  PageIterator(Calls calls, Waiter waiter, ScanSpec spec, int pagesAhead) {
    this.calls = calls;
    this.waiter = waiter;
    this.spec = spec;
    this.wanted = spec.limit();
    // Only when a page has come it is known how much of the limit is left for the next.
    int limit = spec.limit() == Long.MAX_VALUE ? pagesAhead : 1;
    this.ahead = new PagesAhead(limit, this::ask, this::cut);
  }

  private CompletableFuture<ScanPage> ask(KeyRange range, Version at) {
    return calls.page(spec, range, at.value(), (int) Math.min(spec.pageSize(), wanted));
  }

  private List<KeyRange> cut(KeyRange range) {
    return ScanPlan.cut(
        range,
        calls.core.routes().routes.stream().map(route -> route.start).toList(),
        spec.reverse());
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
      waiter.check();
      started = true;
      coming = calls.page(spec);
    }
    while (index >= page.size() && coming != null) {
      turnTo(coming);
    }
    return index < page.size();
  }

  /** Waits for the page; if it fails, it is still the one that is to come. */
  private void turnTo(CompletableFuture<ScanPage> next) {
    ScanPage arrived = waiter.await(next, calls.timeoutNanos, false, "scan");
    boolean first = snapshot == null;
    page = arrived.entries();
    index = 0;
    snapshot = arrived.snapshot();
    wanted -= page.size();
    coming = null;
    if (wanted <= 0) {
      return;
    }
    if (first) {
      arrived
          .next()
          .flatMap(at -> ScanPlan.rest(spec.range(), at))
          .ifPresent(rest -> ahead.begin(arrived.snapshot(), rest));
    } else {
      ahead.fill();
    }
    coming = ahead.poll();
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
    coming = null;
    ahead.clear();
  }
}
