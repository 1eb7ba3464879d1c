package org.ferrisdb.benchmarks.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.ferrisdb.benchmarks.cluster.RunOrder.Turn;
import org.ferrisdb.node.cli.load.BenchSpec.Mix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CellTest {
  @Test
  void aNameIsReadAsItIsWritten() {
    assertThat(Cell.parse("ycsb-a-64,put-16x32"))
        .containsExactly(
            new Cell("ycsb-a-64", Mix.YCSB_A, 64, 1), new Cell("put-16x32", Mix.PUT, 16, 32));
    assertThat(Cell.parse("all")).isEqualTo(Cell.all());
    assertThat(Cell.parse("get-1,all")).hasSize(Cell.all().size()).startsWith(Cell.all().get(4));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "put",
        "put-",
        "put-0",
        "put-x",
        "put-16x0",
        "put-9999",
        "pot-1",
        "ycsb-e-4x2"
      })
  void whatIsNoCellIsRefusedWithTheCellsThatThereAre(String name) {
    assertThatThrownBy(() -> Cell.parse(name))
        .isInstanceOfSatisfying(
            RaceException.class,
            e -> assertThat(e.line()).contains("no cell " + name).contains("put-16x32"));
  }

  @Test
  void contestantsTakeTurnsAndNobodyIsAlwaysFirst() {
    assertThat(RunOrder.of(List.of("a", "b", "c"), 2))
        .containsExactly(
            new Turn("a", 1),
            new Turn("b", 1),
            new Turn("c", 1),
            new Turn("b", 2),
            new Turn("c", 2),
            new Turn("a", 2));
  }
}
