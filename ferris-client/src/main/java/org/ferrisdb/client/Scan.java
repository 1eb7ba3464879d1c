package org.ferrisdb.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A scan over a range of keys, not yet run. Immutable: each method that changes something returns
 * another scan. It runs, from its beginning, each time it is iterated.
 *
 * <p>All of it is read at one moment in time, over all shards: a write that is acknowledged while
 * it runs is either in it wholly or not at all. Entries come page by page; while one page is
 * consumed, the next is fetched, and no more than that, unless {@link #readAhead} allows more.
 *
 * <pre>{@code
 * for (Entry entry : ferris.scanPrefix(utf8("city/")).reverse().limit(10)) { ... }
 * }</pre>
 */
public final class Scan implements Iterable<Entry> {
  private static final int MAX_PAGES_AHEAD = 64;

  private final Calls calls;
  private final Waiter waiter;
  private final ScanSpec spec;
  private final int pagesAhead;

  Scan(Calls calls, Waiter waiter, ScanSpec spec) {
    this(calls, waiter, spec, 1);
  }

  private Scan(Calls calls, Waiter waiter, ScanSpec spec, int pagesAhead) {
    this.calls = calls;
    this.waiter = waiter;
    this.spec = spec;
    this.pagesAhead = pagesAhead;
  }

  private Scan with(
      boolean reverse, long limit, boolean keysOnly, int pageSize, Optional<Version> snapshot) {
    return new Scan(
        calls,
        waiter,
        new ScanSpec(
            spec.range(),
            reverse,
            limit,
            keysOnly,
            pageSize,
            spec.pageBytes(),
            snapshot,
            spec.after()),
        pagesAhead);
  }

  /** From large keys to small ones. */
  public Scan reverse() {
    return with(true, spec.limit(), spec.keysOnly(), spec.pageSize(), spec.snapshot());
  }

  /** At most this many entries. */
  public Scan limit(long entries) {
    return with(spec.reverse(), entries, spec.keysOnly(), spec.pageSize(), spec.snapshot());
  }

  /** Without the values, which are then empty. */
  public Scan keysOnly() {
    return with(spec.reverse(), spec.limit(), true, spec.pageSize(), spec.snapshot());
  }

  /** So many entries per page. */
  public Scan pageSize(int entries) {
    return with(spec.reverse(), spec.limit(), spec.keysOnly(), entries, spec.snapshot());
  }

  /** As the data was at that version, which must not be older than the cluster keeps versions. */
  public Scan at(Version snapshot) {
    return with(
        spec.reverse(), spec.limit(), spec.keysOnly(), spec.pageSize(), Optional.of(snapshot));
  }

  /**
   * Goes on where an earlier scan of the same range and direction stood, at the moment that one
   * read.
   */
  public Scan after(Cursor cursor) {
    return new Scan(
        calls,
        waiter,
        new ScanSpec(
            spec.range(),
            spec.reverse(),
            spec.limit(),
            spec.keysOnly(),
            spec.pageSize(),
            spec.pageBytes(),
            spec.snapshot(),
            Optional.of(cursor)),
        pagesAhead);
  }

  /**
   * Fetches so many pages ahead of the one that is consumed, instead of one, from several shards at
   * the same time; for scans that read much. The order and the moment of what is returned do not
   * change. It costs the memory of these pages (of 1 MiB each, see {@link
   * FerrisOptions#pageBytes}). A scan with a {@link #limit} fetches one page ahead whatever is said
   * here.
   *
   * @param pages 1 to 64
   */
  public Scan readAhead(int pages) {
    if (pages < 1 || pages > MAX_PAGES_AHEAD) {
      throw new InvalidRequestException(
          pages + " pages ahead of a scan", "use 1 to " + MAX_PAGES_AHEAD);
    }
    return new Scan(calls, waiter, spec, pages);
  }

  /** This scan as a value, for {@link AsyncFerris#scanPage}. */
  public ScanSpec spec() {
    return spec;
  }

  /** Runs the scan; the first page is asked for by the first {@code hasNext}. */
  @Override
  public CloseableIterator<Entry> iterator() {
    return new PageIterator(calls, waiter, spec, pagesAhead);
  }

  /** Runs the scan as a sequential stream. */
  public Stream<Entry> stream() {
    CloseableIterator<Entry> entries = iterator();
    int traits = Spliterator.ORDERED | Spliterator.DISTINCT | Spliterator.NONNULL;
    return StreamSupport.stream(Spliterators.spliteratorUnknownSize(entries, traits), false)
        .onClose(entries::close);
  }

  /** Runs the scan and collects all of it: mind the memory. */
  public List<Entry> toList() {
    List<Entry> all = new ArrayList<>();
    forEach(all::add);
    return all;
  }
}
