package org.ferrisdb.integration.history;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One line of a history. Values are null, Long, String, Boolean, and lists and string-keyed maps
/// of those; what they mean is told by `f`:
///
/// | workload | f | value at invoke | value at ok |
/// |---|---|---|---|
/// | register | `read` | null | what the key held, null for absent |
/// | | `write` | the value | the same |
/// | | `delete` | null | null |
/// | | `cas` | `[old, new]`; a comparison that fails is `fail` | the same |
/// | append | `txn` | `[["append","k",7],["r","k",null]]` | `[["append","k",7],["r","k",[3,7]]]` |
/// | bank | `transfer` | `{"from":1,"to":2,"amount":3}` | the same |
/// | | `read` | null | `{"0":10,"1":7}`: every account |
/// | set | `add` | the element | the same |
/// | | `read` | null | the elements, a list |
/// | counter | `add` | the amount | the same |
/// | | `read` | null | the sum |
/// | scan | `write` (with a key) | the value | the same |
/// | | `scan` | null | `{"k1":5,"k2":null}`: the keys at one timestamp; one not named is absent |
/// | long fork | `write` (with a key) | the value | the same |
/// | | `read-group` | null | `{"k1":5,"k2":null}` |
/// | write skew | `insert` | `[pair, value]` | the same; at most one insert of a pair may succeed |
///
/// @param index 0, 1, 2, ...: the order over all processes
/// @param time nanoseconds since the history began
/// @param process a decimal integer for a client, [#NEMESIS] for a fault
/// @param type whether it begins, or how it ended; faults are [Type#INFO] at both ends
/// @param f what was asked
/// @param key which register, set, counter ...; null where the value tells or there is only one
/// @param value as in the table
/// @param extra more fields, with names of their own: "error", "node", ...
public record Event(
    long index,
    long time,
    String process,
    Type type,
    String f,
    @Nullable String key,
    @Nullable Object value,
    Map<String, Object> extra) {

  /// The process of faults.
  public static final String NEMESIS = "nemesis";

  public Event {
    value = Values.normal(value);
    extra = Values.normalMap(extra);
  }

  /// What an event says of its operation.
  public enum Type {
    /// It begins.
    INVOKE,
    /// It took effect.
    OK,
    /// It took no effect and never will.
    FAIL,
    /// Nobody knows; it may take effect at any later time.
    INFO;

    /// As the exports write it: `invoke`, `ok`, `fail`, `info`.
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// Whether a client did it, and not a fault.
  public boolean isClient() {
    return !process.isEmpty() && Character.isDigit(process.charAt(0));
  }
}
