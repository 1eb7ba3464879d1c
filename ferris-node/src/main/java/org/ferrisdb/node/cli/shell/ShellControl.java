package org.ferrisdb.node.cli.shell;

import java.util.List;

/** What words of the shell ask of the shell that runs them. */
interface ShellControl {
  /** Ends the shell after this command. */
  void leave();

  /** Lines typed so far, the oldest first; empty without a terminal. */
  List<String> history();
}
