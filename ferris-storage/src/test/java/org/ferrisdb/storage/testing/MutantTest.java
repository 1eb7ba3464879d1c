package org.ferrisdb.storage.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.ferrisdb.storage.EntryKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MutantTest {
  private static final String MODULE = "ferris-storage";
  private static final String LIMITS = "org.ferrisdb.storage.key.Limits";

  @TempDir Path classes;

  @Test
  void a_mutant_takes_the_place_of_the_real_class_behind_its_loader_only() throws IOException {
    Mutant mutant =
        Mutant.of("m", "w", MODULE, "org.ferrisdb.storage.EntryKind", "PUT(1);", "PUT(1), ODD(2);");
    try (MutantLoader loader = mutant.load(classes)) {
      assertThat(loader.create(Kinds.class.getName(), Supplier.class).get()).isEqualTo(3);
    }
    assertThat(new Kinds().get()).isEqualTo(2);
  }

  /** How many kinds of entries there are. */
  public static final class Kinds implements Supplier<Integer> {
    @Override
    public Integer get() {
      return EntryKind.values().length;
    }
  }

  @Test
  void a_text_that_is_not_there_is_an_error() {
    Mutant mutant = Mutant.of("m", "w", MODULE, LIMITS, "no such text", "");
    assertThatThrownBy(() -> mutant.sources(Mutant.repository())).hasMessageContaining("0 times");
  }

  @Test
  void so_is_one_that_is_there_twice() {
    Mutant mutant = Mutant.of("m", "w", MODULE, LIMITS, "public", "");
    assertThatThrownBy(() -> mutant.sources(Mutant.repository())).hasMessageContaining("times");
  }

  @Test
  void a_mutant_that_does_not_compile_is_an_error() {
    Mutant mutant = Mutant.of("m", "w", MODULE, LIMITS, "public final class", "public finally");
    assertThatThrownBy(() -> mutant.load(classes)).hasMessageContaining("does not compile");
  }
}
