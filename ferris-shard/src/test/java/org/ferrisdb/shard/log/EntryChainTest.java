package org.ferrisdb.shard.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class EntryChainTest {
  private final EntryChain chain = new EntryChain();

  private static LogEntryFrame frame(long term, long number, long predecessor) {
    return new LogEntryFrame(0, term, number, predecessor, ByteBuffer.allocate(0));
  }

  @Test
  void entries_on_top_of_each_other_are_accepted() {
    assertThat(chain.accept(1, frame(1, 1, 0))).isTrue();
    assertThat(chain.accept(1, frame(1, 2, 1))).isTrue();
    assertThat(chain.accept(1, frame(1, 7, 2))).isTrue();
    assertThat(chain.last()).isEqualTo(7);
  }

  @Test
  void rule_6_an_entry_whose_predecessor_did_not_apply_is_rejected_and_so_is_all_on_top_of_it() {
    assertThat(chain.accept(1, frame(1, 1, 0))).isTrue();
    assertThat(chain.accept(1, frame(1, 3, 2))).isFalse();
    assertThat(chain.accept(1, frame(1, 4, 3))).isFalse();
    assertThat(chain.accept(1, frame(1, 5, 1))).isTrue();
    assertThat(chain.accept(1, frame(1, 2, 1))).as("the lost one comes late").isFalse();
  }

  @Test
  void rule_6_an_entry_of_another_term_than_its_log_entry_is_rejected() {
    assertThat(chain.accept(2, frame(1, 1, 0))).isFalse();
    assertThat(chain.accept(2, frame(2, 1, 0))).isTrue();
    assertThat(chain.accept(1, frame(1, 1, 0))).isFalse();
  }

  @Test
  void a_new_term_starts_without_a_predecessor() {
    assertThat(chain.accept(1, frame(1, 5, 0))).isTrue();
    assertThat(chain.accept(3, frame(3, 6, 5))).isFalse();
    assertThat(chain.accept(3, frame(3, 1, 0))).isTrue();
  }

  @Test
  void the_same_entry_twice_counts_once() {
    assertThat(chain.accept(1, frame(1, 1, 0))).isTrue();
    assertThat(chain.accept(1, frame(1, 1, 0))).isFalse();
    assertThat(chain.accept(1, frame(1, 1, 1))).isFalse();
  }

  @Test
  void a_restored_chain_goes_on_where_it_was() {
    chain.accept(4, frame(4, 9, 0));
    assertThat(chain.save()).containsExactly(0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 9);
    EntryChain restored = EntryChain.restore(chain.save());
    assertThat(restored.accept(4, frame(4, 10, 9))).isTrue();
    assertThat(restored.accept(4, frame(4, 10, 9))).isFalse();
  }
}
