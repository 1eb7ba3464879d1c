package org.ferrisdb.storage.testing;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Ends a run of tests that hangs, and says where: when no test has begun or ended for {@code
 * -Dferris.hang.seconds=N}, all threads are written to stderr, virtual ones too, and the process
 * halts. Without it a run would end by the patience of whoever started it, with nothing to read.
 * {@code ./ferris test} sets it, unless a test is named: that one may be meant to run for hours.
 * JUnit finds it by itself in every module that has this jar.
 */
public final class HangWatch implements TestExecutionListener {
  private static final int HUNG = 86;

  private final Duration patience =
      Duration.ofSeconds(Integer.getInteger("ferris.hang.seconds", 0));
  private volatile long lastNanos;
  private volatile String last = "";
  private volatile boolean running;

  @Override
  public void testPlanExecutionStarted(TestPlan plan) {
    note("the start", "");
    running = true;
    if (!patience.isZero()) {
      Thread.ofPlatform().daemon().name("hang-watch").start(this::watch);
    }
  }

  @Override
  public void testPlanExecutionFinished(TestPlan plan) {
    running = false;
  }

  @Override
  public void executionStarted(TestIdentifier test) {
    note("the start of ", test.getUniqueId());
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    note("the end of ", test.getUniqueId());
  }

  private void note(String what, String test) {
    last = what + test;
    lastNanos = System.nanoTime();
  }

  private void watch() {
    try {
      while (running) {
        Thread.sleep(Duration.ofSeconds(1));
        if (System.nanoTime() - lastNanos > patience.toNanos()) {
          tellAndHalt();
        }
      }
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
    }
  }

  private void tellAndHalt() {
    // Not System.err: whoever hangs may hold its lock.
    try (PrintStream err =
        new PrintStream(new FileOutputStream(FileDescriptor.err), false, StandardCharsets.UTF_8)) {
      err.printf("HUNG: nothing for %d s since %s%n", patience.toSeconds(), last);
      err.flush();
      err.println(threads());
    } finally {
      Runtime.getRuntime().halt(HUNG);
    }
  }

  private static String threads() {
    try {
      Path directory = Files.createTempDirectory("hung");
      Path file = directory.resolve("threads.txt");
      ManagementFactory.getPlatformMXBean(com.sun.management.HotSpotDiagnosticMXBean.class)
          .dumpThreads(
              file.toString(),
              com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat.TEXT_PLAIN);
      String text = Files.readString(file);
      Files.delete(file);
      Files.delete(directory);
      return text;
    } catch (IOException noDump) {
      return "no dump of the threads: " + noDump;
    }
  }
}
