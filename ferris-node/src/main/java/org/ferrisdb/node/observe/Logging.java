package org.ferrisdb.node.observe;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.spi.FilterReply;
import ch.qos.logback.core.util.Duration;
import ch.qos.logback.core.util.FileSize;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

/**
 * Sets up the log of a node process: one line an event, {@code key=value}, to files of bounded size
 * (5 of 10 MiB) and, if wished, to standard error. Without this call (command line, tests) only
 * warnings go to standard error: see {@link QuietLogging}.
 */
public final class Logging {
  static final String PATTERN =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX, UTC} level=%level logger=%logger{0} thread=\"%thread\""
          + " msg=\"%msg\" %kvp%n%ex{20}";
  private static final String FILE = "ferris.log";

  private Logging() {}

  /** Begins to log into the directory. */
  public static void toDirectory(Path directory, String level, boolean console) {
    ILoggerFactory factory = LoggerFactory.getILoggerFactory();
    if (!(factory instanceof LoggerContext context)) {
      return; // somebody else's logging: leave it alone
    }
    ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.detachAndStopAllAppenders();
    root.addAppender(file(context, directory));
    if (console) {
      root.addAppender(console(context));
    }
    root.setLevel(Level.toLevel(level));
    quieten(context);
  }

  static ConsoleAppender<ILoggingEvent> console(LoggerContext context) {
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(context);
    appender.setName("console");
    appender.setTarget("System.err");
    appender.setEncoder(encoder(context));
    appender.start();
    return appender;
  }

  private static RollingFileAppender<ILoggingEvent> file(LoggerContext context, Path directory) {
    RollingFileAppender<ILoggingEvent> appender = new RollingFileAppender<>();
    appender.setContext(context);
    appender.setName("file");
    appender.setFile(directory.resolve(FILE).toString());
    appender.setEncoder(encoder(context));
    FixedWindowRollingPolicy rolling = new FixedWindowRollingPolicy();
    rolling.setContext(context);
    rolling.setParent(appender);
    rolling.setFileNamePattern(directory.resolve("ferris.%i.log").toString());
    rolling.setMinIndex(1);
    rolling.setMaxIndex(4);
    rolling.start();
    SizeBasedTriggeringPolicy<ILoggingEvent> trigger = new SizeBasedTriggeringPolicy<>();
    trigger.setContext(context);
    trigger.setMaxFileSize(FileSize.valueOf("10MB"));
    trigger.setCheckIncrement(Duration.buildBySeconds(1));
    trigger.start();
    appender.setRollingPolicy(rolling);
    appender.setTriggeringPolicy(trigger);
    appender.start();
    return appender;
  }

  private static PatternLayoutEncoder encoder(LoggerContext context) {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(PATTERN);
    encoder.start();
    return encoder;
  }

  /**
   * Ratis tells a lot at INFO that only its authors can use, and calls it an error, with a stack
   * trace, when a peer's message reaches a replica that is still starting. What an appender can not
   * deliver it says several times a second for as long as the peer is down; one line in a while
   * tells as much.
   */
  static void quieten(LoggerContext context) {
    if (context.getTurboFilterList().isEmpty()) {
      context.addTurboFilter(new RaftNoiseFilter());
    }
    context.getLogger("org.apache.ratis").setLevel(Level.WARN);
    context.getLogger("io.netty").setLevel(Level.WARN);
  }

  private static final class RaftNoiseFilter extends TurboFilter {
    private static final long QUIET_NANOS = 5_000_000_000L;
    private final AtomicLong lastAppenderNanos = new AtomicLong(System.nanoTime() - QUIET_NANOS);

    @Override
    public FilterReply decide(
        @Nullable Marker marker,
        ch.qos.logback.classic.Logger logger,
        Level level,
        @Nullable String format,
        Object @Nullable [] parameters,
        @Nullable Throwable failure) {
      if (level == Level.WARN && logger.getName().endsWith("ReplicationAppender")) {
        long now = System.nanoTime();
        long last = lastAppenderNanos.get();
        return now - last >= QUIET_NANOS && lastAppenderNanos.compareAndSet(last, now)
            ? FilterReply.NEUTRAL
            : FilterReply.DENY;
      }
      Throwable cause = failure;
      if (cause == null && parameters != null && parameters.length > 0) {
        cause = parameters[parameters.length - 1] instanceof Throwable last ? last : null;
      }
      while (cause != null && cause.getCause() != null) {
        cause = cause.getCause();
      }
      return cause != null && cause.getClass().getSimpleName().equals("ServerNotReadyException")
          ? FilterReply.DENY
          : FilterReply.NEUTRAL;
    }
  }
}
