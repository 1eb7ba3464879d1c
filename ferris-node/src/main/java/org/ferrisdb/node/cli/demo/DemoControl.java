package org.ferrisdb.node.cli.demo;

/**
 * A demo that goes on behind the screen. Everything returns at once: what was asked for happens
 * soon, and the state tells. Thread-safe.
 */
public interface DemoControl {
  /** How things are now. */
  DemoState state();

  /** Kills the node that leads most data shards (SIGKILL). */
  void kill();

  /** Stops that node in mid-air (SIGSTOP). */
  void pause();

  /** Cuts that node off from its peers. */
  void cut();

  /** Starts what was killed, lets go on what is paused, and mends the network. */
  void heal();

  /** Ends the workload; then everything is healed and read back. */
  void quit();

  /** Whether it has come to its end, well or not. */
  boolean ended();
}
