package org.ferrisdb.storage.inspect;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of a file, or of what a file stands for.
 *
 * @param kind what it is: file, header, block, entry, record, op, edit, level, table and so on
 * @param offset of its first byte; -1 where there is none
 * @param length in bytes
 * @param decompressed whether offsets of its fields count in a decompressed block, not in the file
 * @param facts what to know of it, in the order of importance
 * @param fields its bytes with their meaning; empty unless asked for
 * @param parts what it consists of
 * @param findings what is wrong with it
 */
public record Part(
    String kind,
    long offset,
    long length,
    boolean decompressed,
    List<Fact> facts,
    List<Field> fields,
    List<Part> parts,
    List<Finding> findings) {
  /** The number of that name; the fallback if there is none. */
  public long number(String name, long fallback) {
    for (Fact fact : facts) {
      if (fact instanceof Fact.Count number && number.name().equals(name)) {
        return number.value();
      }
    }
    return fallback;
  }

  /** The word of that name; empty if there is none. */
  public String word(String name) {
    for (Fact fact : facts) {
      if (fact instanceof Fact.Word word && word.name().equals(name)) {
        return word.value();
      }
    }
    return "";
  }

  /** Whether the flag of that name is there and set. */
  public boolean flag(String name) {
    return facts.stream()
        .anyMatch(f -> f instanceof Fact.Flag flag && flag.name().equals(name) && flag.value());
  }

  /** The bytes of that name, readable; empty if there are none. */
  public String data(String name) {
    byte[] bytes = bytes(name);
    return bytes == null ? "" : EscapedKey.of(bytes);
  }

  /** The bytes of that name; null if there are none. */
  public byte @Nullable [] bytes(String name) {
    for (Fact fact : facts) {
      if (fact instanceof Fact.Data data && data.name().equals(name)) {
        return data.value();
      }
    }
    return null;
  }
}
