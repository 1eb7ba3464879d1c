package org.ferrisdb.storage.testing;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * A bug planted on purpose, to see whether the tests find it: exact pieces of production source and
 * what stands there instead. It is compiled when a test asks, into a directory of the test's; the
 * production source and the production jars never contain it, nor a switch for it.
 *
 * <p>The directory goes in front of the real classes: in this JVM with a {@link MutantLoader}, in a
 * node's process as the first element of its class path.
 *
 * @param name a short name
 * @param what what is wrong with it, one line for people
 * @param edits all must apply
 */
public record Mutant(String name, String what, List<Edit> edits) {
  /**
   * A piece of source that is replaced.
   *
   * @param module directory of the Maven module
   * @param className the top-level class whose file it is in
   * @param exact the text, which must be there exactly once; white space may differ, as after
   *     formatting
   * @param replacement what stands there instead
   */
  public record Edit(String module, String className, String exact, String replacement) {
    Path file(Path repository) {
      String path = className.replace('.', '/') + ".java";
      return repository.resolve(module).resolve("src/main/java").resolve(path);
    }
  }

  public Mutant {
    edits = List.copyOf(edits);
  }

  /** A mutant of one edit. */
  public static Mutant of(
      String name, String what, String module, String className, String exact, String replacement) {
    return new Mutant(name, what, List.of(new Edit(module, className, exact, replacement)));
  }

  /** The same with another edit. */
  public Mutant and(String module, String className, String exact, String replacement) {
    List<Edit> all = new ArrayList<>(edits);
    all.add(new Edit(module, className, exact, replacement));
    return new Mutant(name, what, all);
  }

  /** The root of the repository that the working directory lies in. */
  public static Path repository() {
    Path at = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(at.resolve("ferris-storage/src/main/java"))) {
      Path parent = at.getParent();
      if (parent == null) {
        throw new IllegalStateException("the tests do not run inside of the repository");
      }
      at = parent;
    }
    return at;
  }

  /**
   * The changed sources by class name.
   *
   * @throws IllegalStateException if a text to replace is not there exactly once: the source has
   *     changed, and the mutant must follow
   */
  public Map<String, String> sources(Path repository) {
    Map<String, String> sources = new LinkedHashMap<>();
    for (Edit edit : edits) {
      String source = sources.computeIfAbsent(edit.className, c -> read(edit.file(repository)));
      sources.put(edit.className, replace(source, edit));
    }
    return sources;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String replace(String source, Edit edit) {
    String pattern =
        Arrays.stream(edit.exact.split("\\s+"))
            .map(Pattern::quote)
            .collect(Collectors.joining("\\s+"));
    List<MatchResult> found = Pattern.compile(pattern).matcher(source).results().toList();
    if (found.size() != 1) {
      throw new IllegalStateException(
          "mutant '%s': %s holds this %d times instead of once, adapt the mutant to it: %s"
              .formatted(name, edit.className, found.size(), edit.exact));
    }
    MatchResult only = found.getFirst();
    return source.substring(0, only.start()) + edit.replacement + source.substring(only.end());
  }

  /**
   * Compiles it.
   *
   * @param repository where the sources are, see {@link #repository}
   * @param into an empty directory for its classes
   * @param classPath where the other classes are
   */
  public void compile(Path repository, Path into, String classPath) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    List<JavaFileObject> units =
        sources(repository).entrySet().stream()
            .<JavaFileObject>map(e -> new Source(e.getKey(), e.getValue()))
            .toList();
    List<String> options =
        List.of("-proc:none", "-nowarn", "-d", into.toString(), "-cp", classPath);
    if (!compiler.getTask(messages, null, null, options, null, units).call()) {
      throw new IllegalStateException("mutant '" + name + "' does not compile: " + messages);
    }
  }

  /** Compiles it against the classes of this JVM, and puts it in front of them. */
  public MutantLoader load(Path into) {
    String classPath = System.getProperty("java.class.path");
    compile(repository(), into, classPath);
    return new MutantLoader(into, List.of(classPath.split(File.pathSeparator)));
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String className, String text) {
      super(URI.create("string:///" + className.replace('.', '/') + ".java"), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreErrors) {
      return text;
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
