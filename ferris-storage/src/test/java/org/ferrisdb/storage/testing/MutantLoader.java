package org.ferrisdb.storage.testing;

import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A second set of all FerrisDB's classes, tests included, in which a mutant's take the place of the
 * real ones. Everything else (the JDK, libraries) is shared. What crosses over must be of a shared
 * type: an interface of the JDK, a string.
 */
public final class MutantLoader extends URLClassLoader {
  private static final String OURS = "org.ferrisdb.";

  /**
   * @param mutant the directory with the mutant's classes
   * @param classPath everything else, in its order
   */
  MutantLoader(Path mutant, List<String> classPath) {
    super("mutant", urls(mutant, classPath), MutantLoader.class.getClassLoader());
  }

  private static URL[] urls(Path mutant, List<String> classPath) {
    List<URL> urls = new ArrayList<>();
    try {
      urls.add(mutant.toUri().toURL());
      for (String element : classPath) {
        urls.add(Path.of(element).toUri().toURL());
      }
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(e);
    }
    return urls.toArray(URL[]::new);
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith(OURS)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded != null ? loaded : findClass(name);
    }
  }

  /** An instance of a class with a public constructor without arguments, as a shared type. */
  public <T> T create(String className, Class<T> as) {
    try {
      return as.cast(loadClass(className).getConstructor().newInstance());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(className, e);
    }
  }
}
