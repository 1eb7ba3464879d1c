package org.ferrisdb.node.cli.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.ferrisdb.client.Bytes;
import org.ferrisdb.client.KeyRange;
import org.junit.jupiter.api.Test;

/** Completion of keys reads little, however many there are. */
class KeySuggestionsTest {
  private final TreeSet<Bytes> keys = new TreeSet<>();
  private int reads;
  private int read;

  private List<Bytes> first(KeyRange range, int limit) {
    reads++;
    List<Bytes> page = keys.stream().filter(range::contains).limit(limit).toList();
    read += page.size();
    return page;
  }

  private Set<String> suggested(String prefix) {
    return KeySuggestions.of(prefix, this::first);
  }

  @Test
  void groupsOfThousandsAreJumpedOver() {
    for (int i = 0; i < 5_000; i++) {
      keys.add(Bytes.utf8("order/" + i));
      keys.add(Bytes.utf8("user:" + i));
    }
    keys.add(Bytes.utf8("zebra"));
    assertThat(suggested("")).containsExactly("order/", "user:", "zebra");
    assertThat(read).isLessThanOrEqualTo(2 * KeySuggestions.PAGE + 1);
  }

  @Test
  void tooManyToReadAreCutOff() {
    for (int i = 0; i < 5_000; i++) {
      keys.add(Bytes.utf8("key" + i));
    }
    assertThat(suggested("k")).hasSize(2 * KeySuggestions.PAGE);
    assertThat(reads).isEqualTo(2);
  }

  @Test
  void keysThatNobodyCanTypeAreLeftOut() {
    keys.add(Bytes.ofBytes((byte) 0xff, (byte) 1));
    keys.add(Bytes.utf8("tab\there"));
    keys.add(Bytes.utf8("straße/1"));
    assertThat(suggested("")).containsExactly("straße/");
    assertThat(suggested("straße/")).containsExactly("straße/1");
  }

  @Test
  void everyKeyBeginsWithASuggestionAndEverySuggestionBeginsAKey() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      keys.clear();
      for (int i = 0; i < 60; i++) {
        StringBuilder key = new StringBuilder();
        random.ints(1 + random.nextInt(4), 0, 4).forEach(c -> key.append("ab/:".charAt(c)));
        keys.add(Bytes.utf8(key.toString()));
      }
      String prefix = List.of("", "a", "a/", "b:").get(random.nextInt(4));
      Set<String> found = suggested(prefix);
      List<String> there =
          keys.stream().map(Bytes::toUtf8).filter(k -> k.startsWith(prefix)).toList();
      assertThat(there)
          .as("seed %d", seed)
          .allSatisfy(k -> assertThat(found).anyMatch(k::startsWith));
      assertThat(found)
          .as("seed %d", seed)
          .allSatisfy(f -> assertThat(there).anyMatch(k -> k.startsWith(f)));
    }
  }
}
