package org.ferrisdb.raft.ratis;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Reader;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Ratis's file of a replica's term and vote, {@code raft-meta}, where we look at it or write it
 * before Ratis has opened the replica. Ratis reads a vote for nobody as "has voted", so that a
 * replica never votes again in the term it finds here.
 *
 * <pre>
 * term=7
 * votedFor=0123456789abcdef
 * </pre>
 */
final class VoteFile {
  static final String NAME = "raft-meta";
  private static final String TERM = "term";
  private static final String VOTED_FOR = "votedFor";

  private VoteFile() {}

  /** Whether the file is there and says what it should. A full disk can leave an empty one. */
  static boolean isReadable(Path current) throws IOException {
    return Files.exists(current.resolve(NAME)) && read(current) != null;
  }

  /** A new replica that is to take part in no term below this one, nor to vote in it. */
  static void create(Path current, long term) throws IOException {
    Files.createDirectories(current);
    write(current, term);
  }

  private static @Nullable Properties read(Path current) throws IOException {
    Path file = current.resolve(NAME);
    if (!Files.exists(file)) {
      return null;
    }
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
      properties.load(in);
    } catch (java.nio.charset.CharacterCodingException | IllegalArgumentException e) {
      return null;
    }
    return properties.getProperty(VOTED_FOR) != null && term(properties) >= 0 ? properties : null;
  }

  private static long term(Properties properties) {
    try {
      return Long.parseLong(properties.getProperty(TERM, "-1"));
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private static void write(Path current, long term) throws IOException {
    Properties properties = new Properties();
    properties.setProperty(TERM, Long.toString(term));
    properties.setProperty(VOTED_FOR, "");
    Path aside = current.resolve(NAME + ".new");
    try (FileChannel out =
            FileChannel.open(
                aside,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE);
        BufferedWriter text =
            new BufferedWriter(
                new OutputStreamWriter(Channels.newOutputStream(out), StandardCharsets.UTF_8))) {
      properties.store(text, null);
      text.flush();
      out.force(true);
    }
    Files.move(
        aside,
        current.resolve(NAME),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    DirectorySync.force(current);
  }
}
