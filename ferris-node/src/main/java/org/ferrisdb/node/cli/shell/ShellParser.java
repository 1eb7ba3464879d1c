package org.ferrisdb.node.cli.shell;

import java.util.ArrayList;
import java.util.List;
import org.jline.reader.CompletingParsedLine;
import org.jline.reader.EOFError;
import org.jline.reader.Parser;

/** {@link ShellLine} for the line editor. Stateless. */
final class ShellParser implements Parser {
  @Override
  public CompletingParsedLine parse(String line, int cursor, ParseContext context) {
    if (context == ParseContext.ACCEPT_LINE || context == ParseContext.SECONDARY_PROMPT) {
      ShellLine whole = ShellLine.of(line);
      if (!whole.complete()) {
        throw new EOFError(-1, -1, whole.missing() + " is missing", whole.missing());
      }
    }
    return new Typed(line, cursor);
  }

  /** The command that the cursor stands in, up to the cursor: what is behind is not looked at. */
  private static final class Typed implements CompletingParsedLine {
    private final String line;
    private final int cursor;
    private final List<String> words = new ArrayList<>();
    private final String word;
    private final int wordStart;
    private final char open;

    Typed(String line, int cursor) {
      this.line = line;
      this.cursor = cursor;
      String before = line.substring(0, cursor);
      // The marker makes a word of what has just begun, or goes on in the one under the cursor.
      List<List<ShellLine.Word>> commands = ShellLine.of(before + "x").commands();
      List<ShellLine.Word> command = commands.isEmpty() ? List.of() : commands.getLast();
      if (command.isEmpty()) { // a comment, which is no beginning of a command
        words.add("#");
        word = "";
        wordStart = cursor;
        open = ShellLine.NONE;
      } else {
        ShellLine.Word last = command.getLast();
        command.subList(0, command.size() - 1).forEach(w -> words.add(w.text()));
        word = last.text().substring(0, last.text().length() - 1);
        wordStart = last.start();
        open = last.open();
      }
      words.add(word);
    }

    @Override
    public CharSequence escape(CharSequence candidate, boolean complete) {
      String text = candidate.toString();
      boolean quoted = open != ShellLine.NONE || ShellLine.needsQuotes(text);
      if (!quoted) {
        return text;
      }
      String all = "'" + text.replace("'", "'\\''") + "'";
      return complete ? all : all.substring(0, all.length() - 1);
    }

    @Override
    public int rawWordCursor() {
      return cursor - wordStart;
    }

    @Override
    public int rawWordLength() {
      return cursor - wordStart;
    }

    @Override
    public String word() {
      return word;
    }

    @Override
    public int wordCursor() {
      return word.length();
    }

    @Override
    public int wordIndex() {
      return words.size() - 1;
    }

    @Override
    public List<String> words() {
      return words;
    }

    @Override
    public String line() {
      return line;
    }

    @Override
    public int cursor() {
      return cursor;
    }
  }
}
