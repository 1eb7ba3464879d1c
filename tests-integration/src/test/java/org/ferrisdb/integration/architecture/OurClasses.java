package org.ferrisdb.integration.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Every class of ours on the class path, tests left out; read once for all rules. */
final class OurClasses {
  static final String ROOT = "org.ferrisdb";

  private static final ImportOption NOT_TESTS =
      location -> !location.contains("/test-classes/") && !location.contains("-tests.jar");

  /**
   * In {@code mvn test} from the modules' target/classes, in {@code mvn verify} from their jars.
   */
  static final JavaClasses ALL =
      new ClassFileImporter().withImportOption(NOT_TESTS).importPackages(ROOT);

  private OurClasses() {}

  static Stream<JavaClass> under(String packageName) {
    return ALL.stream().filter(c -> isUnder(c, packageName));
  }

  /** The classes that a class mentions in any way: fields, calls, annotations, type arguments. */
  static Stream<JavaClass> usedBy(JavaClass user) {
    return user.getDirectDependenciesFromSelf().stream()
        .map(dependency -> dependency.getTargetClass().getBaseComponentType())
        .distinct();
  }

  static boolean isUnder(JavaClass c, String packageName) {
    return c.getPackageName().equals(packageName)
        || c.getPackageName().startsWith(packageName + ".");
  }

  /**
   * The first name below {@code parent} in the class's package: {@code raft} for org.ferrisdb.raft
   * and all below it; empty for {@code parent} itself.
   */
  static String childOf(String parent, JavaClass c) {
    String rest = c.getPackageName().substring(parent.length());
    return rest.isEmpty() ? "" : rest.substring(1).split("\\.", 2)[0];
  }

  static Set<String> sorted(Stream<String> lines) {
    return lines.collect(Collectors.toCollection(TreeSet::new));
  }
}
