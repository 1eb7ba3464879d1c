package org.ferrisdb.integration.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.ferrisdb.client.Bytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What workloads decide before they know anything of the cluster. */
class PlanTest {
  private static final KeySpace KEYS =
      new KeySpace(List.of(Bytes.empty(), Bytes.hex("80")), "test");

  static Stream<String> workloads() {
    return Workloads.names().stream();
  }

  private static Workload workload(String name) {
    return Workloads.all(KEYS, 1).stream()
        .filter(w -> w.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static List<Operation> plan(String name, long seed, int length) {
    Workload workload = workload(name);
    Random random = new Random(seed);
    List<Operation> plan = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      plan.add(workload.next(random));
    }
    return plan;
  }

  @ParameterizedTest
  @MethodSource("workloads")
  void theSameSeedGivesTheSameOperations(String name) {
    assertThat(plan(name, 7, 3_000)).isEqualTo(plan(name, 7, 3_000));
  }

  @ParameterizedTest
  @MethodSource("workloads")
  void anotherSeedGivesOthers(String name) {
    assertThat(plan(name, 7, 100)).isNotEqualTo(plan(name, 8, 100));
  }

  @ParameterizedTest
  @MethodSource("workloads")
  void theFinalReadsComeFromThePlanAlone(String name) {
    Workload one = workload(name);
    Workload other = workload(name);
    Random random = new Random(3);
    Random same = new Random(3);
    for (int i = 0; i < 3_000; i++) {
      one.next(random);
      other.next(same);
    }
    assertThat(one.finalReads()).isEqualTo(other.finalReads());
  }

  @Test
  void aRegistersValuesAreUniqueOverTheHistory() {
    Set<Object> seen = new HashSet<>();
    for (Operation operation : plan("register", 11, 20_000)) {
      Object written =
          switch (operation.f()) {
            case "write" -> operation.value();
            case "cas" -> ((List<?>) Objects.requireNonNull(operation.value())).get(1);
            default -> null;
          };
      if (written != null) {
        assertThat(seen.add(written)).as(operation.toString()).isTrue();
      }
    }
    assertThat(seen).hasSizeGreaterThan(5_000);
  }

  @Test
  void aRegisterIsRetiredAndEveryOneIsReadAtTheEnd() {
    Workload workload = workload("register");
    Random random = new Random(5);
    Map<String, Integer> calls = new HashMap<>();
    for (int i = 0; i < 20_000; i++) {
      calls.merge(Objects.requireNonNull(workload.next(random).key()), 1, Integer::sum);
    }
    assertThat(calls.values()).allMatch(n -> n <= RegisterWorkload.CALLS_PER_KEY);
    assertThat(calls).hasSizeGreaterThan(20_000 / RegisterWorkload.CALLS_PER_KEY - 1);
    assertThat(workload.finalReads().stream().map(Operation::key)).containsAll(calls.keySet());
  }

  @Test
  void aComparisonExpectsWhatWasPlannedLast() {
    Map<String, Optional<Object>> planned = new HashMap<>();
    int comparisons = 0;
    for (Operation operation : plan("register", 13, 5_000)) {
      String key = Objects.requireNonNull(operation.key());
      switch (operation.f()) {
        case "write" -> planned.put(key, Optional.ofNullable(operation.value()));
        case "delete" -> planned.put(key, Optional.empty());
        case "cas" -> {
          List<?> oldAndNew = (List<?>) Objects.requireNonNull(operation.value());
          assertThat(Optional.<Object>ofNullable(oldAndNew.get(0)))
              .isEqualTo(planned.getOrDefault(key, Optional.empty()));
          planned.put(key, Optional.of(oldAndNew.get(1)));
          comparisons++;
        }
        default -> assertThat(operation.f()).isEqualTo("read");
      }
    }
    assertThat(comparisons).isGreaterThan(500);
  }

  @Test
  void whatNeedsTransactionsSaysSoInASentence() {
    assertThat(Workloads.all(KEYS, 1).stream().filter(w -> w.unsupported().isPresent()))
        .extracting(Workload::name)
        .containsExactly("append", "bank-shards", "long-fork", "write-skew");
    assertThat(workload("append").unsupported()).contains(Transactions.NOT_YET);
  }
}
