package org.ferrisdb.testkit;

import java.util.LinkedHashMap;
import java.util.Map;
import org.ferrisdb.client.Ferris;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/** What stands behind {@link FerrisTest}; register it by that annotation. */
public final class FerrisExtension implements BeforeEachCallback, ParameterResolver {
  private static final Namespace NAMESPACE = Namespace.create(FerrisExtension.class);

  /** For JUnit. */
  public FerrisExtension() {}

  /** Cluster and client of a class; the store closes it when the class is over. */
  private record Running(EmbeddedFerris cluster, Ferris client) implements AutoCloseable {
    @Override
    public void close() {
      client.close();
      cluster.close();
    }
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    Running running = running(context);
    running.cluster().startAll();
    if (annotation(context).emptied()) {
      running.cluster().empty();
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == Ferris.class || type == EmbeddedFerris.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Running running = running(context);
    return parameter.getParameter().getType() == Ferris.class
        ? running.client()
        : running.cluster();
  }

  private static Running running(ExtensionContext context) {
    FerrisTest wanted = annotation(context);
    // Nested classes share the cluster of the class around them that has the annotation.
    ExtensionContext owner = context;
    while (owner.getParent().isPresent() && isBelowAnnotated(owner.getParent().get())) {
      owner = owner.getParent().get();
    }
    return owner
        .getStore(NAMESPACE)
        .computeIfAbsent(Running.class, key -> start(wanted), Running.class);
  }

  private static boolean isBelowAnnotated(ExtensionContext context) {
    return context.getTestClass().isPresent() && find(context).isPresent();
  }

  private static Running start(FerrisTest wanted) {
    EmbeddedFerris cluster =
        EmbeddedFerris.builder()
            .nodes(wanted.nodes())
            .shards(wanted.shards())
            .settings(settings(wanted.settings()))
            .start();
    try {
      return new Running(cluster, cluster.connect());
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  static Map<String, String> settings(String[] pairs) {
    Map<String, String> settings = new LinkedHashMap<>();
    for (String pair : pairs) {
      int equals = pair.indexOf('=');
      if (equals <= 0) {
        throw new ExtensionConfigurationException(
            "@FerrisTest(settings): '" + pair + "' is not key=value");
      }
      settings.put(pair.substring(0, equals).strip(), pair.substring(equals + 1).strip());
    }
    return settings;
  }

  private static FerrisTest annotation(ExtensionContext context) {
    return find(context)
        .orElseThrow(() ->
            new ExtensionConfigurationException(
                context.getDisplayName() + " has no @FerrisTest; annotate its class with it"));
  }

  private static java.util.Optional<FerrisTest> find(ExtensionContext context) {
    return AnnotationSupport.findAnnotation(
        context.getRequiredTestClass(), FerrisTest.class, context.getEnclosingTestClasses());
  }
}
