package org.ferrisdb.integration.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A module uses the modules its arrows point to, and no others. */
class ModuleArrowsTest {
  private static final Map<String, Set<String>> ARROWS =
      Map.of(
          "storage", Set.of(),
          "raft", Set.of(),
          "client", Set.of(),
          "shard", Set.of("storage", "raft"),
          "node", Set.of("shard", "raft", "storage", "client"),
          "testkit", Set.of("node", "client"),
          "integration", Set.of("node", "client", "testkit"));

  static Stream<String> modules() {
    return ARROWS.keySet().stream().sorted();
  }

  @ParameterizedTest
  @MethodSource("modules")
  void aModuleUsesOnlyWhatItsArrowsPointTo(String module) {
    var violations =
        OurClasses.sorted(
            OurClasses.under(OurClasses.ROOT + "." + module)
                .flatMap(user ->
                    OurClasses.usedBy(user)
                        .filter(used -> OurClasses.isUnder(used, OurClasses.ROOT))
                        .filter(
                            used -> !mayUse(module, moduleOf(used)) && !plantsBugs(module, used))
                        .map(used -> user.getName() + " uses " + used.getName())));
    assertThat(violations).as("%s may use only %s", module, ARROWS.get(module)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("modules")
  void everyModuleIsLookedAt(String module) {
    assertThat(OurClasses.under(OurClasses.ROOT + "." + module)).isNotEmpty();
  }

  @Test
  void everyClassBelongsToAModule() {
    assertThat(OurClasses.sorted(OurClasses.ALL.stream().map(ModuleArrowsTest::moduleOf)))
        .as("packages directly below %s", OurClasses.ROOT)
        .isSubsetOf(ARROWS.keySet());
  }

  @Test
  void onlyTheRaftModuleImportsRatis() {
    var violations =
        OurClasses.sorted(
            OurClasses.ALL.stream()
                .filter(user -> !moduleOf(user).equals("raft"))
                .flatMap(user ->
                    OurClasses.usedBy(user)
                        .filter(used -> OurClasses.isUnder(used, "org.apache.ratis"))
                        .map(used -> user.getName() + " uses " + used.getName())));
    assertThat(violations).as("Ratis outside of org.ferrisdb.raft").isEmpty();
  }

  private static boolean mayUse(String module, String other) {
    return module.equals(other) || ARROWS.getOrDefault(module, Set.of()).contains(other);
  }

  /** The harness plants bugs with a tool of the storage module's tests; no product sees it. */
  private static boolean plantsBugs(String module, JavaClass used) {
    return module.equals("integration")
        && OurClasses.isUnder(used, OurClasses.ROOT + ".storage.testing");
  }

  private static String moduleOf(JavaClass c) {
    return OurClasses.childOf(OurClasses.ROOT, c);
  }
}
