package org.ferrisdb.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A JUnit test class with a FerrisDB cluster of its own, inside the JVM. Constructors, test methods
 * and their {@code @BeforeEach} and {@code @AfterEach} may have parameters of these types:
 *
 * <ul>
 *   <li>{@link org.ferrisdb.client.Ferris}: a client, one for the class; the cluster closes it
 *   <li>{@link EmbeddedFerris}: the cluster, to kill and restart its nodes, and for its URL
 * </ul>
 *
 * <p>The cluster starts with the first class that needs it, is emptied and made whole (dead nodes
 * are restarted) before each test method, and ends with the class. Methods that share it must not
 * run at the same time: in a parallel run the class is to be {@code @Execution(SAME_THREAD)}.
 */
@Documented
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(FerrisExtension.class)
public @interface FerrisTest {
  /** How many nodes, 1 to 9. With 3 one may be killed and everything goes on. */
  int nodes() default 1;

  /** How many shards the key space is cut into at first. */
  int shards() default 2;

  /**
   * Settings of every node, as {@code key=value}: see {@code ./ferris node --settings}, for example
   * {@code "retention=1m"}.
   */
  String[] settings() default {};

  /** Whether every test method begins with an empty database; if not, data stay for the class. */
  boolean emptied() default true;
}
