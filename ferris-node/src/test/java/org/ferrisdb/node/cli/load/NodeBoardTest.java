package org.ferrisdb.node.cli.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.ferrisdb.node.cli.demo.DemoState.Condition;
import org.ferrisdb.node.cli.demo.DemoState.Node;
import org.junit.jupiter.api.Test;

class NodeBoardTest {
  private long nanos = 5;
  private final NodeBoard board =
      new NodeBoard(List.of("n1", "n2"), Duration.ofSeconds(10), () -> nanos);

  private void pass(Duration time) {
    nanos += time.toNanos();
  }

  @Test
  void aKilledNodeIsDueWhenItsTimeHasCome() {
    board.set("n1", Condition.KILLED);
    pass(Duration.ofMillis(9_999));
    assertThat(board.due()).isEmpty();
    assertThat(board.rows().getFirst())
        .isEqualTo(
            new Node("n1", Condition.KILLED, Duration.ofMillis(9_999), Duration.ofMillis(1)));
    pass(Duration.ofSeconds(1));
    assertThat(board.due()).containsExactly("n1");
    assertThat(board.rows().getFirst().back()).isZero();
  }

  @Test
  void noOtherConditionEndsByItself() {
    board.set("n1", Condition.PAUSED);
    board.set("n2", Condition.CUT_OFF);
    pass(Duration.ofHours(1));
    assertThat(board.due()).isEmpty();
    assertThat(board.in(Condition.PAUSED)).containsExactly("n1");
    assertThat(board.in(Condition.CUT_OFF)).containsExactly("n2");
  }

  @Test
  void nodesStartInTheOrderTheyWereGiven() {
    assertThat(board.in(Condition.STARTING)).containsExactly("n1", "n2");
    board.set("n1", Condition.UP);
    assertThat(board.rows()).extracting(Node::name).containsExactly("n1", "n2");
  }
}
