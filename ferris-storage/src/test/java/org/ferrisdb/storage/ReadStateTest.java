package org.ferrisdb.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.ferrisdb.storage.ReadState.Slot;
import org.ferrisdb.storage.cache.TableView;
import org.ferrisdb.storage.manifest.Version;
import org.ferrisdb.storage.memtable.MemtableKind;
import org.junit.jupiter.api.Test;

/**
 * A flush makes obsolete what is older than the log of the memtable that followed. Which one that
 * is must not depend on whether a writer freezes another meanwhile: the log that would go is the
 * only place where the one between is.
 */
final class ReadStateTest {
  private final TableView tables =
      TableView.of(
          Version.empty(),
          null,
          table -> {
            throw new AssertionError("no table");
          },
          values -> {
            throw new AssertionError("no value file");
          });

  private static Slot slot(long logNumber) {
    return new Slot(MemtableKind.TRIE.create(), logNumber, new AppliedPosition(1, logNumber));
  }

  @Test
  void what_follows_a_frozen_memtable_stays_the_same_whatever_is_frozen_or_flushed() {
    Slot a = slot(1);
    Slot b = slot(4);
    Slot c = slot(7);
    Slot d = slot(9);
    ReadState before = new ReadState(b, List.of(a), tables);
    ReadState frozenMeanwhile = new ReadState(c, List.of(b, a), tables);
    ReadState another = new ReadState(d, List.of(c, b, a), tables);
    assertThat(List.of(before.after(a), frozenMeanwhile.after(a), another.after(a)))
        .containsExactly(b, b, b);
    ReadState flushed = new ReadState(d, List.of(c, b), tables);
    assertThat(flushed.after(b)).isSameAs(c);
    assertThat(flushed.after(c)).isSameAs(d);
    assertThatThrownBy(() -> flushed.after(a)).hasMessageContaining("not frozen");
    assertThatThrownBy(() -> flushed.after(d)).hasMessageContaining("not frozen");
  }
}
