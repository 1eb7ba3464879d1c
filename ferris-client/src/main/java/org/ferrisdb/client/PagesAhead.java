package org.ferrisdb.client;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The pages of a scan that have been asked for and not yet been consumed, in the scan's order.
///
/// A scan that reads ahead is cut into parts, one for each shard as far as the client knows. Inside
/// a part there is one request at a time, because only its answer tells where the next begins;
/// different parts are asked at the same time:
///
/// ```
///   scan  |---- shard 1 ----|---- shard 2 ----|---- shard 3 ----|---- shard 4 ----|
///              ^ consumed
///           [page][page...]  [page]            [page...]         not yet: the limit is 4
/// ```
///
/// The limit counts pages asked for, come or not, without the one that is being consumed: that is
/// all the memory and all the back-pressure there is, for a page is sent only if it is asked for.
/// Who comes first in the scan is asked first. So a long shard does not starve: each page taken
/// from it makes room for its next one. What cutting gets wrong, because the map was old, costs
/// time and no correctness: a part is only a range of keys, wherever they are.
///
/// Not thread-safe; it moves on when its owner turns a page.
final class PagesAhead {
  private final int limit;
  private final BiFunction<KeyRange, Version, CompletableFuture<ScanPage>> ask;
  private final Function<KeyRange, List<KeyRange>> cut;
  private final Deque<Part> parts = new ArrayDeque<>();
  private int open;
  private @Nullable Version snapshot;

  /** A part of the scan and its pages that have not been consumed. */
  private static final class Part {
    private final KeyRange range;
    private final Deque<CompletableFuture<ScanPage>> pages = new ArrayDeque<>();
    private @Nullable CompletableFuture<ScanPage> newest;

    Part(KeyRange range) {
      this.range = range;
    }

    /** What is to be asked for next; null: nothing, or it is not known yet. */
    @Nullable KeyRange next() {
      CompletableFuture<ScanPage> last = newest;
      if (last == null) {
        return range;
      }
      if (!last.isDone() || last.isCompletedExceptionally()) {
        return null;
      }
      return last.join().next().flatMap(at -> ScanPlan.rest(range, at)).orElse(null);
    }
  }

  /**
   * @param limit at most this many pages ahead of the one consumed, 1 or more
   * @param ask asks for a page at a moment
   * @param cut cuts a range into parts in the scan's order
   */
  PagesAhead(
      int limit,
      BiFunction<KeyRange, Version, CompletableFuture<ScanPage>> ask,
      Function<KeyRange, List<KeyRange>> cut) {
    this.limit = limit;
    this.ask = ask;
    this.cut = cut;
  }

  /**
   * Begins behind a page that has come, whose moment all others are read at.
   *
   * @param rest what is left of the scan
   */
  void begin(Version at, KeyRange rest) {
    snapshot = at;
    List<KeyRange> ranges = limit == 1 ? List.of(rest) : cut.apply(rest);
    ranges.forEach(range -> parts.add(new Part(range)));
    fill();
  }

  /** The next page, come or not; null at the end. The one before it must have come. */
  @Nullable CompletableFuture<ScanPage> poll() {
    for (Part first = parts.peek(); first != null; first = parts.peek()) {
      if (first.pages.isEmpty()) {
        KeyRange next = first.next();
        if (next != null) {
          ask(first, next);
        }
      }
      CompletableFuture<ScanPage> page = first.pages.poll();
      if (page != null) {
        open--;
        return page;
      }
      parts.remove();
    }
    return null;
  }

  /** Asks for as much as there is room for; to be called when a page has come. */
  void fill() {
    Iterator<Part> inOrder = parts.iterator();
    while (open < limit && inOrder.hasNext()) {
      Part part = inOrder.next();
      KeyRange next = part.next();
      if (next != null) {
        ask(part, next);
      }
    }
  }

  private void ask(Part part, KeyRange range) {
    Version at = snapshot;
    if (at == null) {
      throw new IllegalStateException("pages ahead of nothing");
    }
    CompletableFuture<ScanPage> page = ask.apply(range, at);
    part.pages.add(page);
    part.newest = page;
    open++;
  }

  /** Forgets everything; what is under way is dropped when it comes. */
  void clear() {
    parts.clear();
    open = 0;
  }
}
