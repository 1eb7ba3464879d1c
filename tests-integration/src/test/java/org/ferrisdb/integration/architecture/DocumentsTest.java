package org.ferrisdb.integration.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A document that names what is not there misleads; these tests find such names. */
class DocumentsTest {
  private static final Path ROOT = root();
  private static final Path ARCHITECTURE = ROOT.resolve("docs/architecture.md");

  private static final Pattern FENCE = Pattern.compile("(?ms)^```.*?^```");
  private static final Pattern BACKTICKED = Pattern.compile("`([^`\\n]+)`");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");

  /** {@code StorageEngine}, {@code StorageEngine.open}, {@code ShardRequests.Write}. */
  private static final Pattern CLASS_NAME =
      Pattern.compile("([A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*)((?:[.#]\\w+)*)(?:\\(.*\\))?");

  private static final Pattern PACKAGE_NAME = Pattern.compile("org(?:\\.[a-z][a-z0-9]*)+");
  private static final Pattern PATH =
      Pattern.compile("[\\w.-]+(?:/[\\w.-]+)+/?|[\\w.-]+/|[\\w-]+\\.(?:md|xml|proto|java|yml)");

  @Test
  void everyClassThatArchitectureNamesExists() throws IOException {
    Set<String> declared = declaredTypes();
    assertThat(declared).contains("StorageEngine", "DocumentsTest");
    List<String> missing =
        backticked(ARCHITECTURE)
            .filter(name -> !PATH.matcher(name).matches())
            .map(name -> CLASS_NAME.matcher(name))
            .filter(matcher -> matcher.matches())
            .map(matcher -> matcher.group(1))
            .filter(name -> !declared.contains(name))
            .distinct()
            .toList();
    assertThat(missing).as("classes in docs/architecture.md that do not exist").isEmpty();
  }

  @Test
  void everyPackageThatArchitectureNamesExists() throws IOException {
    Set<String> packages = packages();
    List<String> missing =
        backticked(ARCHITECTURE)
            .filter(name -> PACKAGE_NAME.matcher(name).matches())
            .filter(name -> name.startsWith(OurClasses.ROOT))
            .filter(name -> !packages.contains(name))
            .distinct()
            .toList();
    assertThat(missing).as("packages in docs/architecture.md that do not exist").isEmpty();
  }

  @Test
  void everyPathThatArchitectureNamesExists() throws IOException {
    List<String> missing =
        backticked(ARCHITECTURE)
            .filter(name -> PATH.matcher(name).matches())
            .filter(name -> !Files.exists(ROOT.resolve(name)))
            .distinct()
            .toList();
    assertThat(missing).as("paths in docs/architecture.md that do not exist").isEmpty();
  }

  @Test
  void everyRelativeLinkLeadsSomewhere() throws IOException {
    Set<String> broken = new TreeSet<>();
    for (Path document : documents()) {
      matches(LINK, withoutFences(document))
          .map(match -> match.group(1).replaceFirst("#.*", ""))
          .filter(target -> !target.isEmpty() && !target.matches("[a-z]+:.*"))
          .filter(target -> !Files.exists(document.resolveSibling(target)))
          .forEach(target -> broken.add(ROOT.relativize(document) + " -> " + target));
    }
    assertThat(broken).as("links that lead nowhere").isEmpty();
  }

  private static Stream<String> backticked(Path document) throws IOException {
    return matches(BACKTICKED, withoutFences(document)).map(match -> match.group(1));
  }

  private static Stream<MatchResult> matches(Pattern pattern, String text) {
    return pattern.matcher(text).results();
  }

  private static String withoutFences(Path document) throws IOException {
    return FENCE.matcher(Files.readString(document)).replaceAll("");
  }

  private static List<Path> documents() throws IOException {
    try (Stream<Path> top = Files.list(ROOT);
        Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      return Stream.concat(top, docs).filter(p -> p.toString().endsWith(".md")).sorted().toList();
    }
  }

  /** Top-level types by their files, nested ones by their declarations, generated ones too. */
  private static Set<String> declaredTypes() throws IOException {
    Pattern declaration =
        Pattern.compile("(?m)^\\s*(?:[a-z@-]+ )*(?:class|interface|record|enum) ([A-Z]\\w*)");
    return Stream.concat(
            OurClasses.ALL.stream().map(c -> c.getSimpleName()),
            sources()
                .flatMap(source -> matches(declaration, read(source)).map(match -> match.group(1))))
        .collect(Collectors.toSet());
  }

  private static Set<String> packages() throws IOException {
    Pattern declaration = Pattern.compile("(?m)^package ([\\w.]+);");
    Set<String> packages =
        sources()
            .flatMap(source -> matches(declaration, read(source)).map(match -> match.group(1)))
            .collect(Collectors.toCollection(TreeSet::new));
    OurClasses.ALL.forEach(c -> packages.add(c.getPackageName()));
    return packages;
  }

  private static Stream<Path> sources() throws IOException {
    Set<Path> sources = new TreeSet<>();
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path module : modules.map(m -> m.resolve("src")).filter(Files::isDirectory).toList()) {
        try (Stream<Path> files = Files.walk(module)) {
          files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
        }
      }
    }
    return sources.stream();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Surefire runs in the module's directory, an IDE perhaps in the root. */
  private static Path root() {
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(directory.resolve("ferris-storage"))) {
      directory = directory.getParent();
      if (directory == null) {
        throw new IllegalStateException("run this test inside of the repository");
      }
    }
    return directory;
  }
}
