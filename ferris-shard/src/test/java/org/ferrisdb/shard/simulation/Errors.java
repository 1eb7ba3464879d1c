package org.ferrisdb.shard.simulation;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.AppenderBase;
import org.slf4j.LoggerFactory;

/**
 * Makes a violation of every error that the code under test logs: an actor whose task threw goes on
 * with the next, and would hide it. Where a disk has just lost power, errors are what must come.
 */
final class Errors extends AppenderBase<ILoggingEvent> implements AutoCloseable {
  private final World world;
  private final Logger logger;
  private final Level levelBefore;
  private final boolean additiveBefore;

  private Errors(World world) {
    this.world = world;
    this.logger = (Logger) LoggerFactory.getLogger("org.ferrisdb");
    this.levelBefore = logger.getLevel();
    this.additiveBefore = logger.isAdditive();
  }

  static Errors watch(World world) {
    Errors errors = new Errors(world);
    errors.start();
    errors.logger.setLevel(world.trace.keeps() ? Level.INFO : Level.ERROR);
    errors.logger.setAdditive(false);
    errors.logger.addAppender(errors);
    return errors;
  }

  @Override
  protected void append(ILoggingEvent event) {
    if (world.trace.keeps()) {
      world.trace.line(world.now(), "log", "%s", event.getFormattedMessage());
    }
    if (event.getLevel() == Level.ERROR && !world.diskTrouble()) {
      String cause =
          event.getThrowableProxy() instanceof ThrowableProxy p
              ? ": " + Failures.text(p.getThrowable())
              : "";
      world.violation("%s", "an error was logged: " + event.getFormattedMessage() + cause);
    }
  }

  @Override
  public void close() {
    logger.detachAppender(this);
    logger.setLevel(levelBefore);
    logger.setAdditive(additiveBefore);
    stop();
  }
}
