package org.ferrisdb.node.cli.shell;

import java.util.ArrayList;
import java.util.List;

/**
 * What was typed, cut into words as a POSIX shell cuts them, without expansions: blanks separate;
 * in single quotes everything stands for itself; in double quotes a backslash takes the meaning
 * from a double quote and a backslash; elsewhere it does so for any character. A newline that is
 * neither quoted nor behind a backslash ends a command; a command that begins with # is a comment.
 *
 * <p>The line editor's own parser takes backslashes out of single quotes, too, and so would spoil
 * {@code put -e 'a\x00'}.
 *
 * @param commands the words of each command
 * @param missing what must still come before all is complete: a quote, a backslash's character;
 *     empty if nothing is missing
 */
record ShellLine(List<List<Word>> commands, String missing) {
  /** In single quotes, in double quotes, in none. */
  static final char NONE = 0;

  /**
   * A word.
   *
   * @param text without quotes and backslashes
   * @param start where it begins in what was typed
   * @param end behind its last character there
   * @param open the quote that is not closed at its end, or {@link #NONE}
   */
  record Word(String text, int start, int end, char open) {}

  /** Cuts. */
  static ShellLine of(String typed) {
    return new Cutter(typed).cut();
  }

  /** The commands' words without their places. */
  List<List<String>> words() {
    return commands.stream().map(c -> c.stream().map(Word::text).toList()).toList();
  }

  /** Whether nothing is missing. */
  boolean complete() {
    return missing.isEmpty();
  }

  /** The quote that is not closed, or {@link #NONE}. */
  char openQuote() {
    return commands.isEmpty() ? NONE : commands.getLast().getLast().open();
  }

  /** A word so that it is read as this word: quoted if it needs it. */
  static String quoted(String word) {
    return needsQuotes(word) ? "'" + word.replace("'", "'\\''") + "'" : word;
  }

  static boolean needsQuotes(String word) {
    return word.isEmpty()
        || word.startsWith("#")
        || word.chars().anyMatch(c -> Character.isWhitespace(c) || "'\"\\".indexOf(c) >= 0);
  }

  /** The one pass over the characters. */
  private static final class Cutter {
    private final String typed;
    private final List<List<Word>> commands = new ArrayList<>();
    private List<Word> command = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private int start = -1;
    private char quote = NONE;
    private int at;

    Cutter(String typed) {
      this.typed = typed;
    }

    ShellLine cut() {
      boolean dangling = false;
      for (at = 0; at < typed.length(); at++) {
        char c = typed.charAt(at);
        if (c == '\\' && quote != '\'') {
          dangling = at + 1 == typed.length();
          backslash();
        } else if (quote != NONE) {
          inQuotes(c);
        } else {
          outside(c);
        }
      }
      String missing = quote != NONE ? "the closing " + quote : dangling ? "a next line" : "";
      endCommand();
      return new ShellLine(List.copyOf(commands), missing);
    }

    /** Takes the next character as it is; a newline goes away with its backslash. */
    private void backslash() {
      begin();
      if (at + 1 == typed.length()) {
        return;
      }
      char next = typed.charAt(at + 1);
      if (quote == '"' && "\"\\\n".indexOf(next) < 0) {
        text.append('\\');
        return;
      }
      at++;
      if (next != '\n') {
        text.append(next);
      } else if (quote == NONE && text.isEmpty() && start == at - 1) {
        start = -1; // between words: a longer line, no word
      }
    }

    private void inQuotes(char c) {
      if (c == quote) {
        quote = NONE;
      } else {
        text.append(c);
      }
    }

    private void outside(char c) {
      if (c == '\n') {
        endCommand();
      } else if (Character.isWhitespace(c)) {
        endWord();
      } else if (c == '#' && start < 0 && command.isEmpty()) {
        int end = typed.indexOf('\n', at);
        at = end < 0 ? typed.length() - 1 : end - 1;
      } else {
        begin();
        if (c == '\'' || c == '"') {
          quote = c;
        } else {
          text.append(c);
        }
      }
    }

    private void begin() {
      start = start < 0 ? at : start;
    }

    private void endWord() {
      if (start >= 0) {
        command.add(new Word(text.toString(), start, at, quote));
        text.setLength(0);
        start = -1;
      }
    }

    private void endCommand() {
      endWord();
      if (!command.isEmpty()) {
        commands.add(List.copyOf(command));
        command = new ArrayList<>();
      }
    }
  }
}
