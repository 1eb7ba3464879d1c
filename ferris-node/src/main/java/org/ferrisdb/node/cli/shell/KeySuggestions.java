package org.ferrisdb.node.cli.shell;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.KeyRange;
import org.ferrisdb.node.cli.transfer.Printable;

/**
 * Keys to go on with, from a cluster that may hold millions. Like directories, they are offered up
 * to the next {@code /} or {@code :} only; what lies behind it is jumped over with one more read.
 * Stateless.
 */
final class KeySuggestions {
  /** More than anybody reads through. */
  static final int MOST = 100;

  /** Keys a read: enough for a "directory" of single keys in two reads, still one small page. */
  static final int PAGE = 64;

  /** Reads at most, each of which may be a round trip to another node. */
  static final int READS = 8;

  private KeySuggestions() {}

  /** Where keys come from. */
  interface Keys {
    /** The first keys of a range, so many at most, in order. */
    List<Bytes> first(KeyRange range, int limit);
  }

  /**
   * Beginnings of keys, each longer than the prefix or a key itself, in order. Keys that can not be
   * typed as plain text are left out.
   */
  static Set<String> of(String prefix, Keys keys) {
    Set<String> found = new LinkedHashSet<>();
    KeyRange all = prefix.isEmpty() ? KeyRange.all() : KeyRange.prefix(Bytes.utf8(prefix));
    Optional<Bytes> from = Optional.of(all.start());
    for (int reads = 0; reads < READS && from.isPresent() && found.size() < MOST; reads++) {
      List<Bytes> page = keys.first(new KeyRange(from.get(), all.end()), PAGE);
      for (Bytes key : page) {
        suggestion(prefix, key).ifPresent(found::add);
      }
      from = page.size() < PAGE ? Optional.empty() : next(prefix, page.getLast());
    }
    return found;
  }

  private static Optional<String> suggestion(String prefix, Bytes key) {
    String text = Printable.of(key.toByteArray());
    if (!Bytes.utf8(text).equals(key) || !text.startsWith(prefix)) {
      return Optional.empty();
    }
    for (int i = prefix.length(); i < text.length() - 1; i++) {
      if (text.charAt(i) == '/' || text.charAt(i) == ':') {
        return Optional.of(text.substring(0, i + 1));
      }
    }
    return Optional.of(text);
  }

  /** Where to read on: behind everything that the last suggestion stands for. */
  private static Optional<Bytes> next(String prefix, Bytes last) {
    Optional<String> suggested = suggestion(prefix, last);
    boolean group = suggested.isPresent() && !Bytes.utf8(suggested.get()).equals(last);
    return group ? Bytes.utf8(suggested.get()).prefixEnd() : Optional.of(last.successor());
  }
}
